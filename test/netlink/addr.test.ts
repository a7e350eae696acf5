import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addAddress, deleteAddress } from '../../src/netlink/addr.ts';
import { IFA_F_NOPREFIXROUTE } from '../../src/netlink/constants.ts';
import type { Request } from '../../src/netlink/request.ts';
import { recording, saysTheSame } from './recording.ts';

const test = suite('netlink/addr');

const ours = { flags: IFA_F_NOPREFIXROUTE, proto: 109 };
const ipv4 = { index: 4, local: '192.0.2.1', address: '192.0.2.1', prefixlen: 24 };
const leased = {
  index: 258,
  local: '192.0.2.1',
  prefixlen: 24,
  broadcast: '192.0.2.255',
  cacheinfo: { prefered: 3600, valid: 7200, cstamp: 0, tstamp: 0 },
  ...ours,
};
const ipv6 = { index: 258, local: '2001:db8::1', prefixlen: 64, ...ours };
const forTenMinutes = {
  ...{ ...ipv6, index: 4, local: '2001:db8::10', address: '2001:db8::10', prefixlen: 128, proto: 0 },
  cacheinfo: { prefered: 300, valid: 600, cstamp: 0, tstamp: 0 },
};
const peer = { index: 4, local: '10.64.64.64', address: '10.112.112.112', prefixlen: 32, rtPriority: 77 };

const requests: [recorded: string, request: Request][] = [
  ['addr-add', addAddress({ ...ipv4, broadcast: '192.0.2.255', flags: IFA_F_NOPREFIXROUTE })],
  ['addr-add-peer', addAddress(peer)],
  ['addr-add-ipv6', addAddress({ ...ipv6, index: 4, address: '2001:DB8:0::1', proto: 0 })],
  ['addr-replace-ipv6', addAddress(forTenMinutes, { replace: true })],
  ['addr-delete', deleteAddress({ ...ipv4, flags: 640, proto: 109 })],
  ['c-addr-add-little', addAddress(leased, { replace: true })],
  ['c-addr-add-big', addAddress(leased, { replace: true })],
  ['c-addr-add-ipv6-big', addAddress(ipv6)],
  ['c-addr-delete-big', deleteAddress(leased)],
];

for (const [recorded, request] of requests) {
  test(`asks for what ${recorded} asks for`, () => saysTheSame(request, recorded));
}

test('an address without a peer is its own, whichever attribute the kernel sends', () => {
  const seen = recording('addresses-dump').messages.map(({ body }) => [body.local, body.address]);
  assert.equal(seen, [
    ['192.0.2.1', '192.0.2.1'],
    ['10.64.64.64', '10.112.112.112'],
    ['2001:db8::10', '2001:db8::20'],
    ['2001:db8::1', '2001:db8::1'],
    ['fe80::ff:fe00:1', 'fe80::ff:fe00:1'],
  ]);
});

test.run();
