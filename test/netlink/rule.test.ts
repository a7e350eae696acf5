import { suite } from 'uvu';
import type { Request } from '../../src/netlink/request.ts';
import { addRule, deleteRule } from '../../src/netlink/rule.ts';
import { saysTheSame } from './recording.ts';

const test = suite('netlink/rule');

const bySource = { src: '192.0.2.1', srcLen: 32, table: 28100, priority: 28100, protocol: 109 };
const dhcp = { ipProto: 17, sportRange: { start: 68, end: 68 }, dportRange: { start: 67, end: 67 } };
const marked = { fwmark: 0x100, fwmask: 0xff00, ...dhcp };
const c = addRule({ ...bySource, ...marked, oifname: 'macvlan1', flags: 2 });

const requests: [recorded: string, request: Request][] = [
  ['rule-add', addRule(bySource)],
  ['rule-add-ports', addRule({ ...marked, iifname: 'm0', oifname: 'm1', table: 28100, priority: 28000 })],
  [
    'rule-add-suppress',
    addRule({ dst: '2001:db8::', dstLen: 32, suppressPrefixlen: 0, table: 28101, priority: 27000 }),
  ],
  ['rule-delete', deleteRule(bySource)],
  ['c-rule-add-little', c],
  ['c-rule-add-big', c],
];

for (const [recorded, request] of requests) {
  test(`asks for what ${recorded} asks for`, () => saysTheSame(request, recorded));
}

test.run();
