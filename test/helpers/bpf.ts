/** What the kernel does with a program of these four instructions (struct sock_filter in the machine's byte order). */
export function passes(program: ArrayBuffer, bytes: Uint8Array, pkttype: number): boolean {
  const packet = new DataView(bytes.buffer);
  const [halves, words, octets] = [new Uint16Array(program), new Uint32Array(program), new Uint8Array(program)];
  let a = 0;
  for (let pc = 0; ; pc++) {
    const [code, jt, jf, k] = [halves[4 * pc]!, octets[8 * pc + 2]!, octets[8 * pc + 3]!, words[2 * pc + 1]!];
    if (code === 0x06) return k > 0;
    if (code === 0x28) a = packet.getUint16(k);
    else if (code === 0x20) a = k === 0xfffff004 ? pkttype : packet.getUint32(k);
    else if (code === 0x15) pc += a === k ? jt : jf;
    else throw new Error(`instruction ${code.toString(16)}`);
  }
}
