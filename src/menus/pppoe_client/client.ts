import type { PppoeClient } from './properties.ts';
import { PROTOCOLS } from './types.ts';

/** How pppd is run for one client. Words that 2.4 and 2.5 both have. */

/** What RouterOS asks in vain before it gives a session up. */
const UNANSWERED = 3;
/** PPPoE's header and PPP's (RFC 2516 7), and what a frame holds where nobody agreed on more. */
export const [OVERHEAD, ETHERNET] = [8, 1500];

/** pppd's options by the protocols that they refuse. */
const REFUSALS = { pap: 'refuse-pap', chap: 'refuse-chap', mschap1: 'refuse-mschap', mschap2: 'refuse-mschap-v2' };

/** The plugin by its name since 2.4.9, and by that before. */
export const [PLUGIN, OLD_PLUGIN] = ['pppoe.so', 'rp-pppoe.so'];

export interface Place {
  /** Of this pppd, and of the client that it is for: that of its first interface has the client's. */
  readonly key: string;
  readonly client: string;
  /** On which links the client dials. */
  readonly links: readonly string[];
  /** What the PPP link is to be called. */
  readonly ifname: string;
  readonly parent: string;
  readonly parentMtu: number;
  readonly plugin: string;
  readonly runDir: string;
  readonly scripts: string;
}

type Numbers = Pick<PppoeClient, 'max_mtu' | 'max_mru'>;

/** The greatest packets each way. A larger parent is used for whole ones only: not every server takes more (RFC 4638). */
export function sizesOf({ max_mtu, max_mru }: Numbers, parentMtu: number): { mtu: number; mru: number } {
  const most = parentMtu - OVERHEAD;
  const size = (wanted: number | 'auto') => Math.min(wanted === 'auto' ? ETHERNET : wanted, most);
  return { mtu: size(max_mtu), mru: size(max_mru) };
}

/**
 * argv of the client. By the file's path in the run directory a later daemon knows the child as its own. It runs one
 * session and ends: the supervision is ours, and so are the routes.
 */
export function argv(place: Place, values: PppoeClient): string[] {
  const { key, client, ifname, parent, plugin, runDir, scripts } = place;
  const { mtu, mru } = sizesOf(values, place.parentMtu);
  const script = `${scripts}/pppd.script`;
  return [
    ...['pppd', 'file', `${runDir}/clients/${key}`, 'nodetach', 'logfd', '1', 'nopersist', 'maxfail', '1'],
    ...['noauth', 'noipdefault', 'nodefaultroute', ...(values.use_peer_dns ? ['usepeerdns'] : [])],
    ...['ifname', ifname, 'ipparam', client, 'ip-up-script', script, 'ip-down-script', script],
    ...['mtu', `${mtu}`, 'mru', `${mru}`, ...keepalive(values), ...refusals(values)],
    // On demand the address of the other end would have to be known beforehand.
    ...[
      values.use_ipv6 && !values.dial_on_demand ? '+ipv6' : 'noipv6',
      ...encryption(values),
      ...bundle(place, values),
      ...onDemand(values),
    ],
    // Names that old and new plugins have; it tells the name of the server only when it is to talk.
    ...['plugin', plugin, 'rp_pppoe_verbose', '1', ...discovery(values, plugin), `nic-${parent}`],
    // The last that it reads: a FIFO that all of its group find open at the same moment.
    ...(values.dial_group === undefined ? [] : ['file', `${runDir}/gates/${key}`]),
  ];
}

function keepalive({ keepalive_timeout: seconds }: PppoeClient): string[] {
  const [interval, failures] = seconds === 'disabled' ? [0, 0] : [seconds, UNANSWERED];
  return ['lcp-echo-interval', `${interval}`, 'lcp-echo-failure', `${failures}`];
}

/** What cannot be encrypted is not wanted: pppd knows no encryption that is only liked. */
function encryption({ profile }: PppoeClient): string[] {
  return profile === 'default-encryption' ? ['require-mppe'] : [];
}

/** By its key and first MAC address two clients of one user stay two sessions; else pppd would make them one bundle. */
function bundle({ client, links }: Place, { mrru }: PppoeClient): string[] {
  if (mrru === 'disabled' && links.length === 1) return [];
  const size = mrru === 'disabled' ? [] : ['mrru', `${mrru}`];
  return ['multilink', ...size, 'bundle', client, 'endpoint', `MAC:${links[0]}`];
}

/** `demand` means `persist` unless the contrary stands behind it: here, too, one run is one session. */
function onDemand({ dial_on_demand, idle_timeout }: PppoeClient): string[] {
  if (!dial_on_demand) return [];
  const idle = idle_timeout === 'none' ? [] : ['idle', `${idle_timeout}`];
  return ['demand', 'nopersist', ...idle];
}

function refusals({ allow }: PppoeClient): string[] {
  const refused = PROTOCOLS.filter((protocol) => !allow.includes(protocol));
  // RouterOS has no EAP, and a server that is asked would rather take that.
  return [...refused.map((protocol) => REFUSALS[protocol]), 'refuse-eap'];
}

function discovery({ service_name, ac_name, ac_mac, host_uniq }: PppoeClient, plugin: string): string[] {
  const macOption = plugin === OLD_PLUGIN ? 'rp_pppoe_mac' : 'pppoe-mac';
  return [
    ...(service_name === undefined ? [] : ['rp_pppoe_service', service_name]),
    ...(ac_name === undefined ? [] : ['rp_pppoe_ac', ac_name]),
    ...(ac_mac === undefined ? [] : [macOption, ac_mac]),
    ...(host_uniq === undefined ? [] : ['host-uniq', host_uniq]),
  ];
}

/** The file with what no command line may show. Scripts of pppd have no environment but that which is set here. */
export function secrets({ user = '', password }: Pick<PppoeClient, 'user' | 'password'>, runDir: string): string {
  const lines = [
    ['user', user],
    ...(password === undefined ? [] : [['password', password]]),
    ['set', `MACVLAN_EVENTS=${runDir}/events`],
  ];
  return lines.map(([option, value]) => `${option} ${quoted(value!)}\n`).join('');
}

/** A word of an options file: between quotes only a quote and a backslash mean something (pppd's getword). */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
