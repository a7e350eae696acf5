import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromSource, ofEthertype } from '../../src/daemon/frames.ts';
import { passes } from '../helpers/bpf.ts';

const frames = suite('frames');

const MAC = '02:5E:10:00:00:0A';

/** A frame to everybody. */
function frame(source: string, ethertype: number): Uint8Array {
  const bytes = new Uint8Array(60).fill(0xff, 0, 6);
  bytes.set(
    source.split(':').map((octet) => Number.parseInt(octet, 16)),
    6,
  );
  new DataView(bytes.buffer).setUint16(12, ethertype);
  return bytes;
}

/** include/uapi/linux/if_packet.h */
const [HOST, BROADCAST, OTHERHOST, OUTGOING] = [0, 1, 3, 4];

const ROWS: [title: string, program: ArrayBuffer, bytes: Uint8Array, pkttype: number, passes: boolean][] = [
  ['a loop protect frame that comes in', ofEthertype(0x9003), frame(MAC, 0x9003), BROADCAST, true],
  ['one that goes out', ofEthertype(0x9003), frame(MAC, 0x9003), OUTGOING, false],
  ['another ethertype', ofEthertype(0x9003), frame(MAC, 0x0806), BROADCAST, false],
  ['a frame of this source', fromSource(MAC), frame(MAC, 0x0800), OTHERHOST, true],
  ['the same to us', fromSource(MAC), frame(MAC, 0x86dd), HOST, true],
  ['the same on its way out', fromSource(MAC), frame(MAC, 0x0800), OUTGOING, false],
  ['a source that begins otherwise', fromSource(MAC), frame('02:5E:10:01:00:0A', 0x0800), HOST, false],
  ['a source that ends otherwise', fromSource(MAC), frame('02:5E:10:00:00:0B', 0x0800), HOST, false],
];

for (const [title, program, bytes, pkttype, expected] of ROWS) {
  frames(`${title} ${expected ? 'is heard' : 'wakes nobody'}`, () => {
    assert.is(passes(program, bytes, pkttype), expected);
  });
}

frames.run();
