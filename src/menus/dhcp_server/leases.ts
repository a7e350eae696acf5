import { parseMac, printMac } from '../../bytes/ip.ts';
import { ipv4Number } from '../../bytes/range.ts';

/** A row of dnsmasq's lease file. */
export interface ServedLease {
  readonly address: string;
  readonly mac_address: string;
  readonly host_name?: string | undefined;
  /** Seconds since 1970; 0 = never. */
  readonly expires: number;
}

/** `EXPIRY MAC ADDRESS NAME CLIENT-ID`, `*` for what there is not. What clients sent is believed only where it parses. */
export function readLeases(text = ''): ServedLease[] {
  return text.split('\n').flatMap((line) => {
    const [expires = '', mac = '', address = '', name = '*'] = line.split(' ');
    const bytes = parseMac(mac);
    if (!/^\d{1,11}$/.test(expires) || !bytes || ipv4Number(address) === undefined) return [];
    const host_name = /^[\w.-]{1,253}$/.test(name) ? name : undefined;
    return [{ address, mac_address: printMac(bytes), host_name, expires: Number(expires) }];
  });
}
