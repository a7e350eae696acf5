import type { SeenRoute } from '../model/seen.ts';

/** One property of a link of ours (or, of any link, that it is up). */
export interface LinkChange {
  readonly address?: string;
  readonly mode?: string;
  readonly mtu?: number;
  readonly ifalias?: string;
  readonly up?: boolean;
}

/** A route as it is added or deleted, whole: as it is seen when it is there. */
export type RouteSpec = SeenRoute;

/** What `apply` can do. `name` says what it is done to, for people and for the memory of failures. */
export type Op =
  | { op: 'kill'; owner: string; name: string; pid: number; signal: 'SIGTERM' | 'SIGKILL' }
  | { op: 'signal'; owner: string; name: string; pid: number; signals: readonly ('SIGUSR1' | 'SIGUSR2')[] }
  | { op: 'deleteAddress'; owner: string; name: string; ifindex: number; address: string; prefix: number }
  | { op: 'deleteLink'; owner: string; name: string; ifindex: number }
  | {
      op: 'addLink';
      owner: string;
      name: string;
      parent: number;
      /** The parent's name. */
      on: string;
      address: string;
      mode: string;
      mtu: number;
      ifalias: string;
    }
  | { op: 'setLink'; owner: string; name: string; ifindex: number; change: LinkChange }
  | {
      op: 'addAddress';
      owner: string;
      name: string;
      ifindex: number;
      address: string;
      prefix: number;
      broadcast?: string | undefined;
    }
  | { op: 'addRoute'; owner: string; name: string; route: RouteSpec }
  | { op: 'deleteRoute'; owner: string; name: string; route: RouteSpec }
  | { op: 'spawn'; owner: string; name: string; ifindex: number; ifname: string; argv: readonly string[] }
  | { op: 'writeResolver'; owner: string; name: string; text: string };

/** The key under which a failure of this op is remembered. */
export function opKey(op: Op): string {
  return op.op === 'setLink' ? `${op.op} ${op.name} ${Object.keys(op.change)[0]}` : `${op.op} ${op.name}`;
}

/** One line a person can read, as `--plan` and the `plan` method show it. Addresses and names only: never a secret. */
export function printOp(op: Op): string {
  switch (op.op) {
    case 'kill':
      return `stop ${op.name} (pid ${op.pid}, ${op.signal})`;
    case 'signal':
      return `signal ${op.name} (pid ${op.pid}) ${op.signals.join(' ')}`;
    case 'deleteAddress':
      return `delete address ${op.name}`;
    case 'deleteLink':
      return `delete link ${op.name}`;
    case 'addLink':
      return `add link ${op.name} address ${op.address} mode ${op.mode} mtu ${op.mtu} on ${op.on}`;
    case 'setLink':
      return `set link ${op.name} ${Object.entries(op.change)
        .map(([key, value]) => `${key} ${value}`)
        .join(' ')}`;
    case 'addAddress':
      return `add address ${op.name}`;
    case 'addRoute':
    case 'deleteRoute':
      return `${op.op === 'addRoute' ? 'add' : 'delete'} route ${op.name}`;
    case 'spawn':
      return `start ${op.argv[0]} on ${op.ifname} for ${op.owner}`;
    case 'writeResolver':
      return `write ${op.name}`;
  }
}
