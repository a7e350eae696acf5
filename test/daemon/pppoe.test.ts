import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { type Offer, offerOf, padi, padosTo, padt } from '../../src/daemon/pppoe.ts';
import { passes } from '../helpers/bpf.ts';

const pppoe = suite('pppoe');

// What rp-pppoe 3.15 sent, seen by tcpdump on a veth pair: `pppoe-discovery -I ether1 -U`, and what came back from
// `pppoe-server -I wire -C ac-one -S internet -S iptv` and from `pppoe-server -I wire2 -C ac-two`.
const UNIQ = 0x0f6a0000;
const PADI = 'ffffffffffff02000000000188631109 0000000c 01010000 010300040f6a0000';
const PADO_ONE =
  '02000000000102000000000288631107 0000003e 0102000661632d6f6e65 01010008696e7465726e6574 0101000469707476' +
  '010400145f025f03e04bcb158fc2e1162ea6e38232690000 010300040f6a0000';
const PADO_TWO =
  '02000000000102000000000388631107 0000002e 0102000661632d74776f 01010000' +
  '01040014cccb2d9a5e0a0c52931c7fdab2aeee3333690000 010300040f6a0000';
// `pppoe-discovery` without -U; then `pppoe -k -e 17:02:00:00:00:00:02`, which also tells why.
const PADO_TO_ALL =
  '02000000000102000000000288631107 00000036 0102000661632d6f6e65 01010008696e7465726e6574 0101000469707476' +
  '010400145f025f03e04bcb158fc2e1162ea6e38232690000';
const PADT =
  '020000000002020000000001886311a7 0011 0025 0203002152502d5050506f453a2053657373696f6e206b696c6c6564206d616e75616c6c79';

const [OURS, AC] = ['02:00:00:00:00:01', '02:00:00:00:00:02'];
const ONE: Offer = { mac: AC, acName: 'ac-one', services: ['internet', 'iptv'] };

pppoe('the question to all is that of rp-pppoe', () => {
  assert.is(toHex(padi(OURS, UNIQ)), PADI.replaceAll(' ', ''));
});

pppoe('the end of a session is that of rp-pppoe, without its reason', () => {
  const [ethernet, session] = PADT.split(' ');
  assert.is(toHex(padt(OURS, AC, 0x11)), `${ethernet}${session}0000`);
});

/** Code PADO, to us, with these tags. */
function pado(tags: string, length = tags.replaceAll(' ', '').length / 2): string {
  return `02000000000102000000000288631107 0000 ${length.toString(16).padStart(4, '0')} ${tags}`;
}

const [NAME, SERVICE, HOST_UNIQ] = ['0102000661632d6f6e65', '01010000', '010300040f6a0000'];
const ANY: Offer = { mac: AC, acName: 'ac-one', services: [] };

const OFFERS: [title: string, frame: string, offer: Offer][] = [
  ['with the names of its services', PADO_ONE, ONE],
  ['of any service', PADO_TWO, { mac: '02:00:00:00:00:03', acName: 'ac-two', services: [] }],
  ['that is padded to the least of Ethernet', pado(`${NAME}${SERVICE}${HOST_UNIQ}`) + '00'.repeat(18), ANY],
  ['whose tags come in another order', pado(`${HOST_UNIQ}${SERVICE}${NAME}`), ANY],
  [
    'with relay and vendor tags, which mean nothing to us',
    pado(`${NAME}${SERVICE}${HOST_UNIQ} 01100002abcd 01050004000000ff`),
    ANY,
  ],
  ['whose list of tags ends before its length', pado(`${NAME}${SERVICE}${HOST_UNIQ} 00000000 0101000161`), ANY],
  ['whose name is empty', pado(`01020000${SERVICE}${HOST_UNIQ}`), { ...ANY, acName: '' }],
  ['whose name is no UTF-8', pado(`010200036180ff${SERVICE}${HOST_UNIQ}`), { ...ANY, acName: 'a\ufffd\ufffd' }],
  ['with an error', pado(`${NAME}${SERVICE}${HOST_UNIQ} 0203000466756c6c`), { ...ANY, error: 'full' }],
  [
    'with an error that is not said',
    pado(`${NAME}${SERVICE}${HOST_UNIQ} 02010000`),
    { ...ANY, error: 'it reports an error' },
  ],
];

for (const [title, frame, offer] of OFFERS) {
  pppoe(`an offer ${title}`, () => assert.equal(offerOf(fromHex(frame), UNIQ), offer));
}

const NONE: [title: string, frame: string][] = [
  ['nothing at all', ''],
  ['an Ethernet header alone', PADO_ONE.slice(0, 28)],
  ['one that ends before the length of its tags', `${PADO_ONE.split(' ')[0]}000000`],
  ['another ethertype', PADO_ONE.replace('8863', '8864')],
  ['another version', PADO_ONE.replace('88631107', '88632107')],
  ['another code', PADI],
  ['one of a session', PADO_ONE.replace('88631107 0000', '88631107 0001')],
  ['one that a group would have sent', PADO_ONE.replace('020000000002', '030000000002')],
  ['no tags', pado('')],
  ['the answer to another question', PADO_ONE.replace('010300040f6a0000', '010300040f6a0001')],
  ['a longer Host-Uniq', pado(`${NAME}${SERVICE}010300050f6a000000`)],
  ['an empty Host-Uniq', pado(`${NAME}${SERVICE}01030000`)],
  ['the answer to a question without Host-Uniq', PADO_TO_ALL],
  ['no AC-Name', pado(`${SERVICE}${HOST_UNIQ}`)],
  ['no Service-Name', pado(`${NAME}${HOST_UNIQ}`)],
  ['tags that end before what their length says', pado(`${NAME}${SERVICE}${HOST_UNIQ}`, 0x17)],
  ['a length of all tags beyond the frame', pado(`${NAME}${SERVICE}${HOST_UNIQ}`, 0x1000)],
  ['a tag that ends within its type', pado(`${NAME}${SERVICE}${HOST_UNIQ} 01`)],
  ['a tag that ends within its length', pado(`${NAME}${SERVICE}${HOST_UNIQ} 010200`)],
  ['a tag longer than what is left', pado(`${NAME}${SERVICE}${HOST_UNIQ} 01020002aa`)],
  ['a tag as long as can be said', pado(`${NAME}${SERVICE}${HOST_UNIQ} 0102ffffaa`)],
  ['a tag whose value is in the padding', `${pado(`${NAME}${SERVICE}${HOST_UNIQ} 01020002`)}aabb`],
];

for (const [title, frame] of NONE) {
  pppoe(`no offer: ${title}`, () => assert.is(offerOf(fromHex(frame), UNIQ), undefined));
}

pppoe('an offer cut off anywhere is none, and is no error', () => {
  const whole = fromHex(PADO_ONE);
  for (let length = 0; length < whole.length; length++)
    assert.is(offerOf(whole.slice(0, length), UNIQ), undefined, `${length} bytes`);
});

/** include/uapi/linux/if_packet.h */
const [HOST, OUTGOING] = [0, 4];

const FILTERED: [title: string, frame: string, pkttype: number, expected: boolean][] = [
  ['an offer to us', PADO_ONE, HOST, true],
  ['one that goes out', PADO_ONE, OUTGOING, false],
  ['one to another', PADO_ONE.replace('020000000001', '020000000009'), HOST, false],
  ['a question', PADI, HOST, false],
  ['the end of a session', PADT, HOST, false],
  ['the same bytes of another ethertype', PADO_ONE.replace('8863', '0800'), HOST, false],
];

for (const [title, frame, pkttype, expected] of FILTERED) {
  pppoe(`${title} ${expected ? 'is heard' : 'wakes nobody'}`, () => {
    assert.is(passes(padosTo(OURS), fromHex(frame), pkttype), expected);
  });
}

pppoe.run();
