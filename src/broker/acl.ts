import type { Table } from '../ubus/blob.ts';

/** Who is at the other end of a connection; names in binary text. */
export interface Peer {
  uid: number;
  gid: number;
  /** Supplementary groups. */
  groups: readonly number[];
  user: string;
  group: string;
}

/** Names to ids and back, from passwd and group. */
export interface Accounts {
  uids: ReadonlyMap<string, number>;
  gids: ReadonlyMap<string, number>;
}

const uses = ['subscribe', 'publish', 'listen', 'send'] as const;
export type Use = (typeof uses)[number];

/** What one line of an ACL file grants. */
export interface Rule {
  /** A path, pattern or event; with `partial` what it begins with. */
  key: string;
  partial: boolean;
  owner: Owner;
  use?: Use;
  methods?: readonly string[];
  /** For services that check finer things themselves. */
  acl?: Table;
}
interface Owner {
  user?: string;
  group?: string;
  uid?: number;
  gid?: number;
}

/** The rules of all files, kept in the order of their keys as ubusd keeps them. */
export class Acl {
  readonly #rules: readonly Rule[];

  constructor(rules: readonly Rule[]) {
    this.#rules = [...rules].sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  }

  /** Publish or subscribe a path, listen for or send an event. Root may all. */
  allows(peer: Peer, use: Use, name: string): boolean {
    return peer.uid === 0 || this.#matching(name).some((rule) => rule.use === use && concerns(rule, peer));
  }

  allowsCall(peer: Peer, path: string, method: string): boolean {
    const grants = ({ methods }: Rule) => methods?.some((name) => name === method || name === '*');
    return peer.uid === 0 || this.#matching(path).some((rule) => grants(rule) && concerns(rule, peer));
  }

  /** The answer of object 2 for one path: the rules that carry a table for its owner to judge by. */
  tables(path: string): Table[] {
    return this.#matching(path)
      .filter(({ acl }) => acl)
      .map(({ owner: { user, group }, acl }) => ({ obj: path, user, group, acl }));
  }

  #matching(name: string): Rule[] {
    return this.#rules.filter(({ key, partial }) => name === key || (partial && name.startsWith(key)));
  }
}

function concerns({ owner: { uid, gid } }: Rule, peer: Peer): boolean {
  if (uid !== undefined && uid === peer.uid) return true;
  return gid !== undefined && (gid === peer.gid || peer.groups.includes(gid));
}

/** The rules in one file (binary text), or undefined when it is no JSON object. Ill-typed members count as absent. */
export function parseAcl(text: string, accounts: Accounts): Rule[] | undefined {
  const file = parseObject(text);
  if (!file) return undefined;
  const owner = ownerOf(file, accounts);
  if (!owner) return [];
  const rules: Rule[] = [];
  for (const [path, entry] of Object.entries(asObject(file.access))) {
    const { methods, tags, acl } = asObject(entry);
    const table = isObject(acl) ? (acl as Table) : undefined;
    if (Array.isArray(methods) || Array.isArray(tags) || table) {
      add(rules, path, { owner, methods: strings(methods), acl: table });
    }
  }
  for (const use of uses) for (const pattern of strings(file[use])) add(rules, pattern, { owner, use });
  return rules;
}

/** `user` comes before `group`. A name that is not known gets id 0, which no checked peer has. */
function ownerOf({ user, group }: Record<string, unknown>, { uids, gids }: Accounts): Owner | undefined {
  if (typeof user === 'string') return { user, uid: uids.get(user) ?? 0 };
  if (typeof group === 'string') return { group, gid: gids.get(group) ?? 0 };
  return undefined;
}

function add(rules: Rule[], pattern: string, rule: Omit<Rule, 'key' | 'partial'>): void {
  if (pattern === '') return;
  const partial = pattern.endsWith('*');
  rules.push({ key: partial ? pattern.slice(0, -1) : pattern, partial, ...rule });
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
