/** MAC and IPv4 addresses between text and bytes. Text that is no address gives undefined; the caller says what was expected. */

/** RouterOS takes `:`, `-` and `.` between the octets; ours are printed upper-case with colons. */
export function parseMac(text: string): Uint8Array | undefined {
  const match =
    /^([0-9a-f]{1,2})([:.-])([0-9a-f]{1,2})\2([0-9a-f]{1,2})\2([0-9a-f]{1,2})\2([0-9a-f]{1,2})\2([0-9a-f]{1,2})$/i.exec(
      text,
    );
  if (!match) return undefined;
  const octet = (group: number) => Number.parseInt(match[group]!, 16);
  return Uint8Array.of(octet(1), octet(3), octet(4), octet(5), octet(6), octet(7));
}

export function printMac(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join(':')
    .toUpperCase();
}

/** Sign by sign: a thousand lines have some ten thousand to be read in each pass, and QuickJS takes this the fastest. */
export function parseIpv4(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(4);
  let octet: number | undefined;
  for (let i = 0, at = 0; ; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit >= 0 && digit <= 9) {
      if (octet === 0) return undefined; // leading zero
      octet = (octet ?? 0) * 10 + digit;
      continue;
    }
    if (octet === undefined || octet > 255 || at > 3) return undefined;
    bytes[at++] = octet;
    if (i === text.length) return at === 4 ? bytes : undefined;
    if (text[i] !== '.') return undefined;
    octet = undefined;
  }
}

export function printIpv4(bytes: Uint8Array): string {
  return bytes.join('.');
}

/** 255.255.255.0 → 24; undefined when the ones are not in one run from the left. */
export function prefixOfNetmask(text: string): number | undefined {
  const bytes = parseIpv4(text);
  if (!bytes) return undefined;
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}

/** The network that an address with this prefix lies in, `192.0.2.130`, 25 → `192.0.2.128`. */
export function networkOf(address: string, prefix: number): string {
  const bytes = parseIpv4(address) ?? new Uint8Array(4);
  for (let i = 0; i < 4; i++) bytes[i]! &= 0xff << hostBits(i, prefix);
  return printIpv4(bytes);
}

/** The last address of that network, which means all of its hosts. */
export function broadcastOf(address: string, prefix: number): string {
  const bytes = parseIpv4(address) ?? new Uint8Array(4);
  for (let i = 0; i < 4; i++) bytes[i]! |= (1 << hostBits(i, prefix)) - 1;
  return printIpv4(bytes);
}

/** How many bits of an octet are behind the prefix. */
function hostBits(octet: number, prefix: number): number {
  return Math.max(0, Math.min(8, 8 * (octet + 1) - prefix));
}
