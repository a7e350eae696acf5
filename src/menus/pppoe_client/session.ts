import { parseIpv4, printIpv4 } from '../../bytes/ip.ts';
import type { Item } from '../../model/config.ts';
import type { News, Run } from '../../model/facts.ts';
import { ifnameOf } from '../../model/names.ts';
import { once } from '../../model/once.ts';
import { type Respawn, startableAt } from '../../model/respawn.ts';
import type { SeenAddress, SeenLink } from '../../model/seen.ts';
import { isIpv6 } from '../../model/want.ts';
import type { World } from '../../model/world.ts';

/** The addresses of a PPP link. */
export interface Ends {
  readonly local: string;
  readonly remote?: string | undefined;
}

/** What pppd's script was given when IP came up. */
export interface Session extends Ends {
  readonly nameServers: readonly string[];
  readonly acMac?: string | undefined;
  readonly id?: number | undefined;
  /** Uptime in ms. */
  readonly since: number;
}

/** The interfaces that it dials on; the first one leads. */
export function interfacesOf(item: Item): string[] {
  return String(item.values.interface).split(',');
}

/** By which the pppd for the interface at this place is known. */
export function childKey({ id }: Item, at: number): string {
  return at === 0 ? id : `${id}__${at}`;
}

/** How many of them carry the session. What an earlier daemon started is not known to be on its way still. */
export function activeLinks(item: Item, { children, facts }: World): number {
  const carries = (key: string) => children.has(key) && (!facts.runs.has(key) || facts.heard.get(key)?.bundle);
  return 1 + interfacesOf(item).filter((_, at) => at > 0 && carries(childKey(item, at))).length;
}

/** The link that the client's pppd has made, if there is one. */
export function linkOf(item: Item, world: World): SeenLink | undefined {
  const link = world.children.has(item.id) ? world.links.byName.get(ifnameOf(item)) : undefined;
  return link?.kind === 'ppp' ? link : undefined;
}

/** A session is there as long as its pppd and its link are. */
export function sessionOf(item: Item, world: World): Session | undefined {
  const news = linkOf(item, world) && world.facts.news.get(item.id);
  return news && readSession(news);
}

/** What pppd gave a link that waits for something to send; undefined: there is no such link. */
export function placeholderOf(item: Item, world: World): Ends | undefined {
  const link = item.values.dial_on_demand ? linkOf(item, world) : undefined;
  const isIts = ({ ifindex, address }: SeenAddress) => ifindex === link?.ifindex && !isIpv6(address);
  const found = link && world.seen.addresses.find(isIts);
  return found && { local: found.address, remote: found.peer };
}

/** What the server sent is believed only where it parses. pppd says how long it was connected when that is over. */
export const readSession = once(({ env, at }: News): Session | undefined => {
  const local = ipv4(env.IPLOCAL);
  if (local === undefined || env.CONNECT_TIME !== undefined) return undefined;
  return {
    local,
    remote: ipv4(env.IPREMOTE),
    nameServers: [...new Set([env.DNS1, env.DNS2].flatMap((text) => ipv4(text) ?? []))],
    acMac: env.MACREMOTE && /^[\dA-F]{2}(:[\dA-F]{2}){5}$/.test(env.MACREMOTE) ? env.MACREMOTE : undefined,
    id: sessionId(env),
    since: at,
  };
});

function ipv4(text: string | undefined): string | undefined {
  const bytes = parseIpv4(text ?? '');
  return bytes?.some((byte) => byte !== 0) ? printIpv4(bytes) : undefined;
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** `00000100 02:00:5e:10:00:01 macvlan1`: the number as it is in the packet, printed as one of this machine (drivers/net/ppp/pppoe.c). */
function sessionId({ sessions = '', DEVICE = '', MACREMOTE = '' }: News['env']): number | undefined {
  const rows = sessions.split('\n').map((row) => row.trim().split(/\s+/));
  const found = rows.filter(([, mac, device]) => device === DEVICE && mac === MACREMOTE.toLowerCase());
  const raw = Number.parseInt(found[0]?.[0] ?? '', 16);
  // Of two with one server on one link it cannot be told.
  if (found.length !== 1 || Number.isNaN(raw)) return undefined;
  return isLittleEndian ? ((raw & 0xff) << 8) | (raw >> 8) : raw;
}

// pppd.h, EXIT_*
const [OPTION_ERROR, PEER_AUTH_FAILED, IDLE, PEER_DEAD, HANGUP, AUTH_TOPEER_FAILED] = [2, 11, 12, 15, 16, 19];
/** What says nothing by itself in pppd's last line. */
const MEANINGS: Readonly<Record<number, string>> = {
  4: 'the kernel has no PPP; install kmod-pppoe',
  5: 'pppd was told to end',
  [IDLE]: 'nothing was sent or received for idle-timeout',
  [PEER_DEAD]: 'the server does not answer keepalive questions',
  [HANGUP]: 'the server ended the session',
  [PEER_AUTH_FAILED]: 'the server could not prove who it is',
  [AUTH_TOPEER_FAILED]: 'authentication failed',
};

/** Seconds: who is refused goes on being so, and some providers lock an account that asks too often. */
const LOCKOUT = 300;
/** Seconds: a provider that was away is found again soon. */
export const LONGEST = 60;

export interface Ending {
  readonly code?: number | undefined;
  /** In words, the server's own where it had some. */
  readonly text: string;
}

/** Who is refused and hung up on at the same time ends with one status or the other. */
const REFUSAL = /authentication failed|^Remote message/i;
/** By its last words, of one whose status cannot be read: an earlier daemon started it. */
const LAST_WORDS: readonly (readonly [words: RegExp, code: number])[] = [
  [/^LCP terminated by peer/, HANGUP],
  [/^Serial link appears to be disconnected/, PEER_DEAD],
];
const REASON = /(?:authentication failed|Remote message|LCP terminated by peer)(?:: | \()(.+?)\)?$/;

/** `exit status 19: CHAP authentication failed: Access denied`, or `ended: …` of an adopted one. */
export function endingOf({ lastExit }: Run): Ending {
  const [, status, said = ''] = /^(?:exit status (\d+)|ended)(?:: (.*))?$/.exec(lastExit) ?? [];
  const code = codeOf(status, said);
  const meaning = MEANINGS[code ?? 0];
  if (meaning === undefined) return { code, text: said || `pppd: ${lastExit}` };
  const [, reason] = REASON.exec(said) ?? [];
  const isNew = reason !== undefined && reason.toLowerCase() !== meaning;
  return { code, text: isNew ? `${meaning}: ${reason}` : meaning };
}

function codeOf(status: string | undefined, said: string): number | undefined {
  if (REFUSAL.test(said)) return AUTH_TOPEER_FAILED;
  return status === undefined ? LAST_WORDS.find(([words]) => words.test(said))?.[1] : Number(status);
}

/**
 * When to dial again, as uptime in ms; Infinity: not before somebody changes something. `lockout`: how long whoever is
 * refused waits, in seconds.
 */
export function dialableAt(run: Run | undefined, respawn: Respawn, lockout = LOCKOUT): number {
  const code = run && run.failures > 0 ? endingOf(run).code : undefined;
  if (code === OPTION_ERROR && !isOtherPlugin(run)) return Number.POSITIVE_INFINITY;
  if (code === OPTION_ERROR || code === IDLE) return 0;
  const isRefused = code === AUTH_TOPEER_FAILED || code === PEER_AUTH_FAILED;
  if (!isRefused || lockout <= LONGEST) return startableAt(run, respawn, LONGEST);
  const patient = { ...respawn, timeout: Math.max(lockout, respawn.timeout) };
  return startableAt(run, patient);
}

/** Whether the last one ended because its pppd has the plugin by its old name. */
export function isOtherPlugin(run: Run | undefined): boolean {
  return run !== undefined && /Couldn't load plugin pppoe\.so/.test(run.lastExit);
}
