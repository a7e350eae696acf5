import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { toHex } from '../../src/bytes/hex.ts';
import { NLM_F_ACK } from '../../src/netlink/constants.ts';
import { addLink, deleteLink, deleteLinkGroup, type LinkChange, link, setLink } from '../../src/netlink/link.ts';
import { writePackets } from '../../src/netlink/message.ts';
import type { Request } from '../../src/netlink/request.ts';
import { hostOrder, Input, Output } from '../../src/netlink/wire.ts';
import { recording, saysTheSame } from './recording.ts';

const test = suite('netlink/link');

const macvlan = (macvlan: NonNullable<NonNullable<LinkChange['linkinfo']>['macvlan']>) => ({
  kind: 'macvlan',
  macvlan,
});
const full = {
  ifname: 'macvlan1',
  address: '02:00:00:00:00:01',
  link: 3,
  mtu: 1492,
  group: 28022,
  up: true,
  linkinfo: macvlan({ mode: 'bridge', flags: 1, bcQueueLen: 2000, bcCutoff: -1 }),
};
const conf = { proxyArp: 1, rpFilter: 2, arpAnnounce: 2, arpIgnore: 1, proxyArpPvlan: 1 };
const setConf = setLink({ index: 258, ifalias: 'Domestic Line', afSpec: { inet: { conf } } });

const requests: [recorded: string, request: Request][] = [
  ['link-add', addLink({ ...full, ifname: 'm0', mtu: 1400, linkinfo: macvlan({ mode: 'bridge' }) })],
  [
    'link-add-queue',
    addLink({
      ifname: 'm1',
      link: 3,
      address: '02:00:00:00:00:02',
      group: 28022,
      linkinfo: macvlan({ mode: 'private', bcQueueLen: 2000 }),
    }),
  ],
  [
    'link-add-source',
    addLink({ ifname: 'm3', link: 3, address: '02:00:00:00:00:03', linkinfo: macvlan({ mode: 'source', flags: 2 }) }),
  ],
  [
    'link-set-sources',
    setLink({
      index: 6,
      linkinfo: macvlan({ macaddrMode: 'set', macaddrData: { macaddr: ['02:00:00:00:01:01', '02:00:00:00:01:02'] } }),
    }),
  ],
  ['link-set-up', setLink({ index: 5, up: true })],
  ['link-set-down', setLink({ index: 5, up: false })],
  ['link-set-arp-off', setLink({ index: 4, arp: false })],
  ['link-set-arp-on', setLink({ index: 4, arp: true })],
  ['link-set-up-arp-off', setLink({ index: 4, up: true, arp: false })],
  ['link-set-mtu', setLink({ index: 4, mtu: 1300 })],
  ['link-set-mac', setLink({ index: 4, address: '02-00-00-00-00-09' })],
  ['link-set-mode', setLink({ index: 4, linkinfo: macvlan({ mode: 'vepa' }) })],
  ['link-set-group', setLink({ index: 5, group: 28023 })],
  ['link-set-alias', setLink({ index: 4, ifalias: 'Domestic Line' })],
  ['link-set-name', setLink({ index: 6, ifname: 'm4' })],
  ['link-delete', deleteLink({ index: 6 })],
  ['link-delete-group', deleteLinkGroup(28022)],
  ['c-link-add-little', addLink(full)],
  ['c-link-add-big', addLink(full)],
  ['c-link-delete-group-big', deleteLinkGroup(28023)],
];

for (const [recorded, request] of requests) {
  test(`asks for what ${recorded} asks for`, () => saysTheSame(request, recorded));
}

for (const recorded of ['c-link-set-conf-little', 'c-link-set-conf-big']) {
  test(`writes IPv4 settings as ${recorded}, byte for byte`, () => {
    const { bytes, order, messages } = recording(recorded);
    assert.is(toHex(writePackets([setConf], NLM_F_ACK, messages[0]!.seq, order)[0]!.bytes), toHex(bytes));
  });
}

test('takes an alias away with an attribute of no bytes', () => {
  const output = new Output('big');
  link.encode(output, { ifalias: '' });
  assert.is(toHex(output.bytes().subarray(16)), '00040014');
});

test('reads a macvlan mode that it does not know as its number', () => {
  const output = new Output();
  link.encode(output, { linkinfo: macvlan({ mode: '64' }) });
  assert.is(link.decode(new Input(output.bytes(), hostOrder), 0, output.length).linkinfo?.macvlan?.mode, '64');
});

test('reads a kind without its data, and data before its kind', () => {
  // struct ifinfomsg of zeros, then IFLA_LINKINFO, big-endian
  const header = '00'.repeat(16);
  const data = '000c0002' + '0008000100000004'; // IFLA_INFO_DATA { IFLA_MACVLAN_MODE 4 }
  const kind = '000c0001' + '6d6163766c616e00'; // IFLA_INFO_KIND "macvlan"
  assert.equal(read(`${header}00100012${kind}`), { kind: 'macvlan' });
  assert.equal(read(`${header}001c0012${data}${kind}`), { kind: 'macvlan', macvlan: { mode: 'bridge' } });
  assert.equal(read(`${header}00100012${data}`), {});
});

test('a kind named like a property of every object is just an unknown kind', () => {
  const output = new Output();
  link.encode(output, { linkinfo: { kind: 'constructor' } });
  assert.equal(link.decode(new Input(output.bytes()), 0, output.length).linkinfo, { kind: 'constructor' });
});

test('names the link in what is attempted', () => {
  assert.is(addLink({ ifname: 'wan3' }).attempted, 'add link wan3');
  assert.is(setLink({ ifname: 'wan3', mtu: 1400 }).attempted, 'change link wan3');
  assert.is(setLink({ index: 7, ifname: 'wan3' }).attempted, 'change link 7');
});

function read(hex: string) {
  const bytes = Uint8Array.from(hex.match(/../g)!, (digits) => Number.parseInt(digits, 16));
  return link.decode(new Input(bytes, 'big'), 0, bytes.length).linkinfo;
}

test.run();
