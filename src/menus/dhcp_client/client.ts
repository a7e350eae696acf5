import { toHex } from '../../bytes/hex.ts';
import { encodeUtf8 } from '../../bytes/utf8.ts';
import type { DhcpClient } from './properties.ts';
import { hexOf, readOption } from './types.ts';

/** How udhcpc is run for one client. Options of busybox 1.30 and later. */

/** RouterOS's list. By their numbers, for a busybox may be built without the name of one; 43 and 138 have none. */
const REQUESTED = [1, 3, 6, 15, 33, 42, 43, 121, 138].flatMap((code) => ['-O', `${code}`]);
const [HOST_NAME, VENDOR_CLASS, CLIENT_ID] = [12, 60, 61];

/** Seconds between discovers, their number in a row, and the pause before the next row. */
const [INTERVAL, DISCOVERS, PAUSE] = [3, 3, 10];

export interface ClientPlace {
  readonly key: string;
  readonly ifname: string;
  /** The link's MAC: it is the client identifier too, so that a line with a new MAC is a new client. */
  readonly mac: string;
  readonly runDir: string;
  readonly scripts: string;
}

type Settings = Pick<DhcpClient, 'host_name' | 'client_id' | 'dhcp_options' | 'use_broadcast' | 'release_on_stop'>;

/** argv of the client. The pid file names the run directory and the key: by it a later daemon knows the child as its own. */
export function argv({ key, ifname, mac, runDir, scripts }: ClientPlace, settings: Settings): string[] {
  const { use_broadcast, release_on_stop } = settings;
  const flags = [...(release_on_stop ? ['-R'] : []), '-o', ...(use_broadcast === 'always' ? ['-B'] : [])];
  const place = ['-i', ifname, '-p', `${runDir}/clients/${key}`, '-s', `${scripts}/udhcpc.script`];
  const pace = ['-T', `${INTERVAL}`, '-t', `${DISCOVERS}`, '-A', `${PAUSE}`];
  return ['udhcpc', '-f', ...flags, ...place, ...pace, ...REQUESTED, ...sent(mac, settings)];
}

/** Every option as bytes in hex: udhcpc would read signs in a text. */
function sent(mac: string, settings: Settings): string[] {
  const options = new Map(settings.dhcp_options.map((word) => optionOf(word, mac, settings)));
  return [
    // Otherwise it makes an identifier of its own.
    ...(options.has(CLIENT_ID) ? [] : ['-C']),
    // Otherwise its own stands beside that.
    ...(options.has(VENDOR_CLASS) ? ['-V', ''] : []),
    ...[...options].flatMap(([code, hex]) => (hex ? ['-x', `${code}:${hex}`] : [])),
  ];
}

function optionOf(word: string, mac: string, { host_name, client_id }: Settings): [code: number, hex: string] {
  const ether = mac.replaceAll(':', '').toLowerCase();
  if (word === 'hostname') return [HOST_NAME, bytesOf(host_name ?? '')];
  // RFC 2132 9.14: the hardware type and the address.
  if (word === 'clientid') return [CLIENT_ID, client_id === undefined ? `01${ether}` : bytesOf(client_id)];
  // RFC 4361: 255, the IAID and the DUID, here that of a link-layer address (RFC 8415 11.4).
  if (word === 'clientid_duid') return [CLIENT_ID, `ff${ether.slice(4)}00030001${ether}`];
  const { code, value } = readOption(word)!;
  return [code, bytesOf(value)];
}

function bytesOf(text: string): string {
  return hexOf(text) ?? toHex(encodeUtf8(text));
}
