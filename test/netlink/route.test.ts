import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromHex } from '../../src/bytes/hex.ts';
import { NLM_F_APPEND, NLM_F_CREATE, RTN_UNREACHABLE, RTNH_F_ONLINK } from '../../src/netlink/constants.ts';
import { NetlinkError } from '../../src/netlink/error.ts';
import type { Request } from '../../src/netlink/request.ts';
import { addRoute, appendRoute, deleteRoute, replaceRoute, route } from '../../src/netlink/route.ts';
import { Input } from '../../src/netlink/wire.ts';
import { saysTheSame } from './recording.ts';

const test = suite('netlink/route');

const ours = { table: 28100, protocol: 109 };
const customer = { ...ours, dst: '198.51.100.0', dstLen: 24, gateway: '192.0.2.254', oif: 4, priority: 10 };
const onLink = { ...ours, gateway: '192.0.2.254', oif: 4, flags: RTNH_F_ONLINK };
const two = (first: number, second: number) => ({
  ...ours,
  dst: '203.0.113.0',
  dstLen: 24,
  multipath: [
    { ifindex: first, gateway: '192.0.2.253', weight: 3, flags: RTNH_F_ONLINK },
    { ifindex: second, weight: 256, flags: 0 },
  ],
});
const cMultipath = addRoute({ ...two(258, 259), priority: 70000, prefsrc: '192.0.2.1' });

const requests: [recorded: string, request: Request][] = [
  ['route-add', addRoute({ ...customer, flags: RTNH_F_ONLINK, prefsrc: '192.0.2.1' })],
  ['route-add-connected', addRoute({ ...ours, dst: '192.0.2.0', dstLen: 24, oif: 4 })],
  ['route-add-multipath', addRoute(two(4, 3))],
  ['route-add-ipv6', addRoute({ ...ours, dst: '2001:db8:1::', dstLen: 48, oif: 4, priority: 5 })],
  ['route-replace-default', replaceRoute(onLink)],
  ['route-delete', deleteRoute(customer)],
  ['c-route-add-multipath-little', cMultipath],
  ['c-route-add-multipath-big', cMultipath],
];

// iproute2 leaves the main table to the eight bits of struct rtmsg.
test('asks for what route-add-unreachable asks for', () => {
  const nowhere = { table: 254, protocol: 109, type: RTN_UNREACHABLE, dst: '2001:db8:5::', dstLen: 56 };
  saysTheSame(addRoute({ ...nowhere, priority: 28_022_003 }), 'route-add-unreachable', { table: 254 });
});

for (const [recorded, request] of requests) {
  test(`asks for what ${recorded} asks for`, () => saysTheSame(request, recorded));
}

test('appends behind an equal route', () => {
  assert.is(appendRoute(onLink).flags, NLM_F_CREATE | NLM_F_APPEND);
});

test('of the flags of a route that was seen it asks for none but onlink', () => {
  assert.is((deleteRoute({ ...customer, flags: 0x14 }).body as { flags: number }).flags, RTNH_F_ONLINK);
});

const broken: [what: string, attributes: string][] = [
  ['a next hop cut off', '000a0009' + '00080000' + '0000' + '0000'],
  ['a next hop of length 0', '000c0009' + '0000000000000004'],
  ['a next hop shorter than its struct', '000c0009' + '0007000000000004'],
  ['a next hop longer than what is left', '000c0009' + '0010000000000004'],
  ['an attribute in a next hop longer than the hop', '00100009' + '000c000000000004' + '000c0005'],
  ['a gateway of three bytes', '00070005' + '0a000000'],
  ['a gateway of five bytes', '00090005' + '0a000001' + '02000000'],
];

for (const [what, attributes] of broken) {
  test(`refuses ${what}`, () => {
    const bytes = fromHex('00'.repeat(12) + attributes);
    assert.throws(
      () => route.decode(new Input(bytes, 'big'), 0, bytes.length),
      (error: unknown) => error instanceof NetlinkError,
    );
  });
}

test.run();
