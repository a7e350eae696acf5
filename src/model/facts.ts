import type { Netifd } from './netifd.ts';
import type { Conf } from './seen.ts';

/** What events taught us. One value, one writer (`learn`), read by everything that decides. Times are uptime in ms. */

/** The last thing that a child's script reported: its verb and its environment. */
export interface News {
  readonly verb: string;
  readonly at: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Whether its client told of a lease last. */
export function holdsLease(news: News | undefined): news is News {
  return news?.verb === 'bound' || news?.verb === 'renew';
}

/** How often and when a child ended, for the back-off. */
export interface Run {
  readonly startedAt: number;
  /** Failures in a row; a run that lasted the threshold counts anew. */
  readonly failures: number;
  readonly endedAt: number;
  readonly lastExit: string;
  /** 0…1, drawn at the end, so that lines that fail together do not come back together. */
  readonly jitter: number;
  /** A digest of its command line: how another one ended says nothing about this one. */
  readonly command?: number | undefined;
}

/** An operation that the kernel refused. */
export interface Failure {
  readonly owner: string;
  readonly error: string;
  /** The program that was to be started is not installed. */
  readonly isMissing?: boolean | undefined;
  readonly tries: number;
  readonly retryAt: number;
}

/** Signals that a user's `renew` or `release` wants sent to a child, one after the other; `released`: once it has no lease. */
export type Wish = readonly ('SIGUSR1' | 'SIGUSR2' | 'released')[];

/** Frames of a macvlan came back to its parent. */
export interface Loop {
  readonly at: number;
}

/** How a gateway took it that it was asked whether it is there. */
export interface Gateway {
  readonly address: string;
  /** The last time. */
  readonly askedAt: number;
  /** How often in a row it has not answered, or not yet. */
  readonly unanswered: number;
}

/** What a link had counted when its counters were reset. A link made anew counts anew. */
export interface Baseline {
  readonly ifindex: number;
  readonly counted: Counters;
}

/** A DHCP client's talk with servers since it started, by the words in which it prints it. */
export interface Tally {
  /** When it was heard of first. */
  readonly since: number;
  readonly last: string;
  readonly counts: Readonly<Record<string, number>>;
  /** When a server was heard of last. */
  readonly heardAt?: number | undefined;
  /** Requests since then, and when the first of them was sent. */
  readonly unanswered: number;
  readonly askedAt: number;
}

/** In the order in which `list` shows them; never a fraction. */
export interface Counters {
  readonly rx_byte: number;
  readonly tx_byte: number;
  readonly rx_packet: number;
  readonly tx_packet: number;
  readonly rx_error: number;
  readonly tx_error: number;
  readonly rx_drop: number;
  readonly tx_drop: number;
}

/** Where a client is between two of its reports. */
export type Phase = 'requesting' | 'renewing' | 'rebinding';

/** What an item's script was told last: of a lease that it still holds, as far as we know. An item may have several. */
export interface Told {
  readonly key: string;
  readonly owner: string;
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What pppd prints of a session and tells no script. */
export interface Heard {
  /** Of the access concentrator. */
  readonly acName?: string;
  /** How packets are compressed or encrypted, in pppd's words. */
  readonly encoding?: string;
  /** Its link, when the server speaks multilink. */
  readonly bundle?: string;
  readonly localIpv6?: string;
  readonly remoteIpv6?: string;
}

export interface Facts {
  readonly loops: ReadonlyMap<string, Loop>;
  /** When an item's last loop protect packet was sent. */
  readonly probes: ReadonlyMap<string, number>;
  readonly gateways: ReadonlyMap<string, Gateway>;
  readonly baselines: ReadonlyMap<string, Baseline>;
  readonly news: ReadonlyMap<string, News>;
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly runs: ReadonlyMap<string, Run>;
  readonly failures: ReadonlyMap<string, Failure>;
  /** When the user changed an item a short time ago. */
  readonly touches: ReadonlyMap<string, number>;
  readonly wishes: ReadonlyMap<string, Wish>;
  /** What links had, by their names, and files below /proc/sys held, by their paths, before we changed it. */
  readonly confs: ReadonlyMap<string, { readonly ifindex: number; readonly conf: Conf }>;
  readonly settings: ReadonlyMap<string, string>;
  /** The mark for which each table has a rule, by the table's number: connections bear it, so it outlives who flushes rules. */
  readonly marks: ReadonlyMap<string, number>;
  readonly phases: ReadonlyMap<string, Phase>;
  readonly told: ReadonlyMap<string, Told>;
  /** What was told of a session whose client ended without a word: its server may believe that it goes on. */
  readonly orphans: ReadonlyMap<string, News>;
  /** What PPPoE clients said of their sessions. */
  readonly heard: ReadonlyMap<string, Heard>;
  readonly netifd?: Netifd | undefined;
}

export type Event =
  /** Done by `op`: what was before is to be remembered, or not any more. */
  | { type: 'changed'; op?: string; what: 'confs'; key: string; before: { ifindex: number; conf: Conf } | undefined }
  | { type: 'changed'; op?: string; what: 'settings'; key: string; before: string | undefined }
  | { type: 'changed'; op?: string; what: 'marks'; key: string; before: number | undefined }
  | { type: 'news'; key: string; news: News }
  /** A line that a child printed. */
  | { type: 'said'; key: string; line: string; at: number }
  | { type: 'started'; key: string; at: number; command?: number }
  | { type: 'ended'; key: string; at: number; exit: string; expected: boolean; threshold: number; jitter: number }
  | { type: 'failed'; op: string; owner: string; error: string; isMissing?: boolean; at: number }
  | { type: 'done'; op: string }
  | { type: 'looped'; key: string; at: number }
  | { type: 'probed'; key: string; at: number }
  | { type: 'asked'; key: string; address: string; at: number }
  | { type: 'answered'; key: string; address: string }
  | { type: 'reset'; key: string; baseline: Baseline }
  | { type: 'wish'; key: string; signals: Wish }
  | { type: 'signalled'; key: string }
  | { type: 'parted'; key: string }
  | { type: 'phase'; key: string; phase: Phase | undefined }
  | { type: 'told'; key: string; told: Told | undefined }
  | { type: 'netifd'; netifd: Netifd | undefined }
  /** netifd was; what comes of it is told later. */
  | { type: 'announced' }
  /** The user changed the item: earlier trouble says nothing about it any more. */
  | { type: 'touched'; key: string; at: number };

/** What was tried for the item in vain, as long as it is not due again. */
export function failureOf(id: string, facts: Facts, now: number): Failure | undefined {
  for (const failure of facts.failures.values()) if (failure.owner === id && failure.retryAt > now) return failure;
  return undefined;
}

export function noFacts(): Facts {
  return {
    loops: new Map(),
    probes: new Map(),
    gateways: new Map(),
    baselines: new Map(),
    news: new Map(),
    tallies: new Map(),
    runs: new Map(),
    failures: new Map(),
    touches: new Map(),
    wishes: new Map(),
    confs: new Map(),
    settings: new Map(),
    marks: new Map(),
    phases: new Map(),
    told: new Map(),
    orphans: new Map(),
    heard: new Map(),
  };
}

const LONGEST_RETRY = 60_000;
/** In ms. */
const RECENT = 60_000;

/** The facts after the event. The maps are written in place: the pass that reads them has not begun. */
export function learn(facts: Facts, event: Event): Facts {
  const { loops, probes, gateways, baselines, news, tallies, runs, failures, touches, wishes, phases, told, heard } =
    facts as Writable;
  switch (event.type) {
    case 'news':
      news.set(event.key, event.news);
      break;
    case 'said': {
      const [all, asked = all] = TALK.exec(event.line) ?? [];
      if (asked) tallies.set(event.key, counted(tallies.get(event.key), asked, event.at));
      const found = HEARD.exec(event.line)?.groups;
      if (found) heard.set(event.key, { ...heard.get(event.key), ...said(found) });
      break;
    }
    case 'started':
      news.delete(event.key);
      heard.delete(event.key);
      phases.delete(event.key);
      // An old wish would hit it before it can handle signals, and end it.
      wishes.delete(event.key);
      failures.delete(`spawn ${event.key}`);
      touches.delete(event.key);
      runs.set(event.key, started(runs.get(event.key), event));
      break;
    case 'ended':
      orphan(facts as Writable, event.key);
      news.delete(event.key);
      tallies.delete(event.key);
      phases.delete(event.key);
      wishes.delete(event.key);
      if (event.expected) runs.delete(event.key);
      else runs.set(event.key, ended(runs.get(event.key), event));
      break;
    case 'failed':
      failures.set(event.op, failed(failures.get(event.op), event));
      break;
    case 'done':
      failures.delete(event.op);
      break;
    case 'looped':
      loops.set(event.key, { at: event.at });
      break;
    case 'probed':
      // Nobody sends who is still disabled.
      loops.delete(event.key);
      probes.set(event.key, event.at);
      break;
    case 'asked':
      gateways.set(event.key, asked(gateways.get(event.key), event));
      break;
    case 'answered': {
      const gateway = gateways.get(event.key);
      if (gateway?.address === event.address) gateways.set(event.key, { ...gateway, unanswered: 0 });
      break;
    }
    case 'reset':
      baselines.set(event.key, event.baseline);
      break;
    case 'wish':
      wishes.set(event.key, event.signals);
      break;
    case 'changed': {
      const memory = (facts as Writable)[event.what] as Map<string, unknown>;
      if (event.before === undefined) memory.delete(event.key);
      else memory.set(event.key, event.before);
      if (event.op !== undefined) failures.delete(event.op);
      break;
    }
    case 'parted':
      (facts as Writable).orphans.delete(event.key);
      break;
    case 'signalled':
      wished(wishes, event.key);
      failures.delete(`signal ${event.key}`);
      break;
    case 'phase':
      put(phases, event.key, event.phase);
      break;
    case 'told':
      put(told, event.key, event.told);
      break;
    case 'netifd':
      (facts as Writable).netifd = event.netifd;
      break;
    case 'touched':
      // The oldest stand first: a file of a thousand sections touches them all at once.
      touches.delete(event.key);
      for (const [key, at] of touches) {
        if (event.at - at <= RECENT) break;
        touches.delete(key);
      }
      touches.set(event.key, event.at);
      runs.delete(event.key);
      loops.delete(event.key);
      probes.delete(event.key);
      gateways.delete(event.key);
      for (const [op, failure] of failures) if (failure.owner === event.key) failures.delete(op);
  }
  return facts;
}

interface Writable {
  loops: Map<string, Loop>;
  probes: Map<string, number>;
  gateways: Map<string, Gateway>;
  baselines: Map<string, Baseline>;
  news: Map<string, News>;
  tallies: Map<string, Tally>;
  runs: Map<string, Run>;
  failures: Map<string, Failure>;
  touches: Map<string, number>;
  wishes: Map<string, Wish>;
  confs: Map<string, unknown>;
  settings: Map<string, unknown>;
  marks: Map<string, unknown>;
  phases: Map<string, Phase>;
  told: Map<string, Told>;
  orphans: Map<string, News>;
  heard: Map<string, Heard>;
  netifd?: Netifd | undefined;
}

/** What udhcpc prints of it: busybox 1.24 to 1.36 have these words, and no script verb tells of a request. */
const TALK = /(?:sending|broadcasting) (discover|select|renew)|NAK|obtained/;
const REQUESTS = ['discover', 'renew', 'again'];

/** `select` is printed for an offer, and again when nobody answers that. */
function counted(before: Tally | undefined, asked: string, at: number): Tally {
  const { since = at, last, counts = {}, heardAt, unanswered = 0, askedAt = at } = before ?? {};
  const word = asked === 'select' && (last === asked || last === 'again') ? 'again' : asked;
  const tally = { since, last: word, counts: { ...counts, [word]: (counts[word] ?? 0) + 1 } };
  if (REQUESTS.includes(word))
    return { ...tally, heardAt, unanswered: unanswered + 1, askedAt: unanswered ? askedAt : at };
  return { ...tally, heardAt: at, unanswered: 0, askedAt: at };
}

/** pppd's words (plugins/pppoe, ipv6cp.c, ccp.c), the same in 2.4 and 2.5. */
const HEARD =
  /^Access-Concentrator: (?<acName>.+)|^local +LL address (?<localIpv6>\S+)|^remote LL address (?<remoteIpv6>\S+)|^(?:New bundle|Link attached to) (?<bundle>\S+)|^(?<encoding>.+?)(?: (?:receive|transmit))? (?:compression )?enabled$/;

function said(found: Record<string, string | undefined>): Heard {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** RouterOS: two in a row that were not answered. The third is on its way then. */
export function isGone(gateway: Gateway | undefined): boolean {
  return gateway !== undefined && gateway.unanswered > 2;
}

/** Longer ago than this it was asked for the last time before its link went down: that it did not answer says nothing. */
const LAPSED = 15_000;

function asked(before: Gateway | undefined, { address, at }: Extract<Event, { type: 'asked' }>): Gateway {
  const isSame = before?.address === address && (isGone(before) || at - before.askedAt <= LAPSED);
  return { address, askedAt: at, unanswered: isSame ? before.unanswered + 1 : 1 };
}

/** pppd's script is told how long it was connected when that is over. */
function orphan({ news, orphans }: Writable, key: string): void {
  const last = news.get(key);
  if (last?.verb === 'ppp' && last.env.CONNECT_TIME === undefined) orphans.set(key, last);
}

function put<V>(map: Map<string, V>, key: string, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

/** One signal is sent; the next is wished for still. */
function wished(wishes: Map<string, Wish>, key: string): void {
  const wish = wishes.get(key) ?? [];
  const left = wish.slice(wish[0] === 'released' ? 2 : 1);
  put(wishes, key, left.length > 0 ? left : undefined);
}

function started(run: Run | undefined, { at, command }: Extract<Event, { type: 'started' }>): Run {
  const same = run?.command === command && run;
  return { failures: 0, endedAt: 0, lastExit: '', jitter: 0, ...same, startedAt: at, command };
}

/** Of an adopted child neither the start nor the exit status is known: it counts as one that failed at once. */
function ended(run: Run | undefined, { at, exit, threshold, jitter }: Extract<Event, { type: 'ended' }>): Run {
  const short = run === undefined || at - run.startedAt < threshold * 1000;
  const failures = short ? (run?.failures ?? 0) + 1 : 1;
  return { startedAt: at, ...run, failures, endedAt: at, lastExit: exit, jitter };
}

function failed(
  before: Failure | undefined,
  { owner, error, isMissing, at }: Extract<Event, { type: 'failed' }>,
): Failure {
  const tries = (before?.tries ?? 0) + 1;
  return { owner, error, isMissing, tries, retryAt: at + Math.min(LONGEST_RETRY, 1000 * 2 ** (tries - 1)) };
}
