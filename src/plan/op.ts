import { fnv1a } from '../bytes/fnv.ts';
import type { Event, Told, Wish } from '../model/facts.ts';
import type { Conf, SeenRoute, SeenRule } from '../model/seen.ts';

/** One property of a link of ours (or, of any link, that it is up). */
export interface LinkChange {
  readonly address?: string | undefined;
  readonly mode?: string;
  readonly sourceMacs?: readonly string[];
  readonly bcQueueLen?: number;
  readonly mtu?: number;
  readonly ifalias?: string;
  readonly arp?: boolean;
  readonly proxyArp?: boolean;
  readonly localProxyArp?: boolean;
  readonly token?: string;
  readonly up?: boolean;
}

/** A route as it is added or deleted, whole: as it is seen when it is there. */
export type RouteSpec = SeenRoute;

/** What `apply` can do. `name` says what it is done to, for people and for the memory of failures. */
export type Op =
  | { op: 'kill'; owner: string; name: string; pid: number; signal: 'SIGTERM' | 'SIGKILL' }
  | { op: 'signal'; owner: string; name: string; pid: number; signal: Wish[number] }
  | {
      op: 'deleteAddress';
      owner: string;
      name: string;
      ifindex: number;
      address: string;
      prefix: number;
      peer?: string | undefined;
      /** Those of its subnet that came later would go with it, unless the kernel is told to promote them. */
      promote: boolean;
    }
  | { op: 'deleteLink'; owner: string; name: string; ifindex: number }
  /** Many at once; `all`: they are all that bear our group. */
  | { op: 'deleteLinks'; owner: string; name: string; ifindexes: readonly number[]; all: boolean }
  | {
      op: 'addLink';
      owner: string;
      name: string;
      parent: number;
      /** The parent's name. */
      on: string;
      address: string | undefined;
      mode: string;
      sourceMacs: readonly string[];
      bcQueueLen: number;
      mtu: number;
      ifalias: string;
      arp: boolean;
      up: boolean;
    }
  | { op: 'setLink'; owner: string; name: string; ifindex: number; change: LinkChange }
  | {
      op: 'addAddress';
      owner: string;
      name: string;
      ifindex: number;
      address: string;
      prefix: number;
      peer?: string | undefined;
      broadcast?: string | undefined;
      /** Of IPv6: seconds from now, Infinity for ever. One that is there has them set anew. */
      preferred?: number;
      valid?: number;
    }
  /** What a link made of routers' announcements: its addresses, the routes to their subnets, and those through the routers. */
  | { op: 'deleteSlaac'; owner: string; name: string; ifindex: number; subnets: string[]; gateways: string[] }
  | { op: 'addRoute'; owner: string; name: string; route: RouteSpec }
  | { op: 'deleteRoute'; owner: string; name: string; route: RouteSpec }
  | { op: 'addRule' | 'deleteRule'; owner: string; name: string; rule: SeenRule }
  /** `before`: to be remembered; `isBack`: it is what was remembered. */
  | {
      op: 'setConf';
      owner: string;
      name: string;
      ifindex: number;
      conf: Conf;
      before?: Conf | undefined;
      isBack?: true;
    }
  | { op: 'writeSetting'; owner: string; name: string; value: string; before?: string | undefined; isBack?: true }
  | {
      op: 'spawn';
      owner: string;
      name: string;
      ifindex: number;
      ifname: string;
      argv: readonly string[];
      /** Never in a sentence. */
      secrets?: string | undefined;
    }
  | { op: 'setNeighbour'; owner: string; name: string; ifindex: number; address: string; mac?: string | undefined }
  | { op: 'deleteNeighbour'; owner: string; name: string; ifindex: number; address: string; isProxy: boolean }
  | { op: 'setArpTimes'; owner: string; name: string; ifindex: number; reachable: number; proxyDelay: number }
  /** `text` for nft(8). */
  | { op: 'setRuleset'; owner: string; name: string; text: string }
  /** Loop protect: a socket on a parent, and a frame that a macvlan sends through it. */
  | { op: 'listen' | 'ignore'; owner: string; name: string; ifindex: number }
  | { op: 'probe'; owner: string; name: string; ifindex: number; address: string }
  /** check-gateway: what is heard is told later. */
  | {
      op: 'askGateway';
      owner: string;
      name: string;
      ifindex: number;
      ifname: string;
      mac: string;
      address: string;
      source: string;
      how: 'arp' | 'ping';
    }
  | { op: 'forgetGateway'; owner: string; name: string }
  /** PPPoE: an access concentrator that still has a session which nobody keeps up would refuse the next one. */
  | { op: 'endSession'; owner: string; name: string; ifindex: number; mac: string; acMac: string; session: number }
  /** netifd: an interface of this name, and what it is as JSON. */
  | { op: 'announce'; owner: string; name: string; text: string }
  | { op: 'withdraw'; owner: string; name: string }
  | ({ op: 'hook'; name: string; verb: 'bound' | 'lost' } & Told)
  | { op: 'writeFile'; owner: string; name: string; text: string; mode: number };

/** A digest of a command line. */
export function commandOf(argv: readonly string[]): number {
  return fnv1a(argv.join('\0'));
}

/** The key under which a failure of this op is remembered. */
export function opKey(op: Op): string {
  return op.op === 'setLink' ? `${op.op} ${op.name} ${Object.keys(op.change)[0]}` : `${op.op} ${op.name}`;
}

/** What is learned when the op is done: what was changed is remembered as it was, and what came back is not any more. */
export function memoryOf(op: Op): Event | undefined {
  const done = { type: 'changed', op: opKey(op), key: op.name } as const;
  switch (op.op) {
    case 'addRule':
    case 'deleteRule': {
      const { fwmark, table } = op.rule;
      const before = op.op === 'addRule' ? fwmark : undefined;
      return fwmark === undefined ? undefined : { ...done, what: 'marks', key: String(table), before };
    }
    case 'writeSetting':
      return op.isBack || op.before !== undefined ? { ...done, what: 'settings', before: op.before } : undefined;
    case 'setConf': {
      const before = op.before && { ifindex: op.ifindex, conf: op.before };
      return op.isBack || before ? { ...done, what: 'confs', before } : undefined;
    }
    default:
      return undefined;
  }
}

/** What an item's script believes once it was run. */
export function toldBy({ key, owner, script, verb, env }: Extract<Op, { op: 'hook' }>): Told | undefined {
  return verb === 'bound' ? { key, owner, script, env } : undefined;
}
