import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { arpReply, arpRequest } from '../../src/daemon/arp.ts';
import { answeredEcho, checksum, echoReply, echoRequest } from '../../src/daemon/questions.ts';
import { passes } from '../helpers/bpf.ts';

const questions = suite('questions to a gateway');

const [MAC, SOURCE, GATEWAY] = ['02:5E:10:00:00:0A', '192.0.2.10', '192.0.2.1'];

// What busybox's arping and iputils' ping (-e 28022 -s 0) sent from these addresses, recorded with tcpdump.
const ARP_REQUEST = 'ffffffffffff025e1000000a08060001080006040001025e1000000ac000020affffffffffffc0000201';
const ECHO_REQUEST = '08008a886d760001';

questions('who has the gateway, tell us', () => {
  // RFC 826 leaves the target's hardware address open: arping writes ones there, Linux zeros.
  const expected = `${ARP_REQUEST.slice(0, 64)}000000000000${ARP_REQUEST.slice(76)}`.padEnd(120, '0');
  assert.is(toHex(arpRequest(MAC, SOURCE, GATEWAY)), expected);
});

questions('an echo', () => {
  assert.is(toHex(echoRequest(1)), ECHO_REQUEST);
});

const SUMS: [what: string, hex: string, sum: number][] = [
  ['the example of RFC 1071', '0001f203f4f5f6f7', 0x220d],
  ['nothing', '', 0xffff],
  ['what carries more than once', 'ffffffff0001', 0xfffe],
  ['a whole packet, which comes to nothing', ECHO_REQUEST, 0],
];

for (const [what, hex, sum] of SUMS) {
  questions(`the checksum of ${what}`, () => {
    assert.is(checksum(fromHex(hex)), sum);
  });
}

/** The gateway's answer with some bytes changed. */
function answer(...changes: [at: number, hex: string][]): Uint8Array {
  const frame = fromHex(
    '025e1000000a025e1000000b08060001080006040002025e1000000bc0000201025e1000000ac000020a'.padEnd(120, '0'),
  );
  for (const [at, hex] of changes) frame.set(fromHex(hex), at);
  return frame;
}

/** include/uapi/linux/if_packet.h */
const [HOST, BROADCAST, OUTGOING] = [0, 1, 4];

const REPLIES: [what: string, frame: Uint8Array, pkttype: number, passes: boolean][] = [
  ["the gateway's answer", answer(), HOST, true],
  ['its answer to everybody', answer([0, 'ffffffffffff']), BROADCAST, true],
  ['an answer of ours', answer(), OUTGOING, false],
  ["another's answer", answer([28, 'c0000202']), HOST, false],
  ['its answer to another', answer([38, 'c000020b']), HOST, false],
  ['its own question', answer([20, '0001']), BROADCAST, false],
];

for (const [what, frame, pkttype, expected] of REPLIES) {
  questions(`${what} ${expected ? 'is heard' : 'wakes nobody'}`, () => {
    assert.is(passes(arpReply(SOURCE, GATEWAY), frame, pkttype), expected);
  });
}

/** As a raw socket hears it: behind an IP header. */
const HEADER = '4500001c000000004001f6d6c0000201c000020a';

const ECHOES: [what: string, hex: string, sequence: number | undefined][] = [
  ['an answer', `${HEADER}000092886d760001`, 1],
  ['an answer to a later one', `${HEADER}000092806d760009`, 9],
  ["an answer to another program's", `${HEADER}0000000012340001`, undefined],
  ['an echo that we are asked', `${HEADER}${ECHO_REQUEST}`, undefined],
  ['that the gateway is out of reach', `${HEADER}0301000000000000`, undefined],
  ['a packet that was cut off', `${HEADER}0000`, undefined],
];

for (const [what, hex, sequence] of ECHOES) {
  questions(`${what} ${sequence === undefined ? 'is none of ours' : `is that to echo ${sequence}`}`, () => {
    const packet = fromHex(hex);
    assert.is(answeredEcho(new DataView(packet.buffer)), sequence);
    if (packet.length >= 28) assert.is(passes(echoReply(), packet, HOST), sequence !== undefined);
  });
}

questions.run();
