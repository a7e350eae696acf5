/**
 * What a firewall does with a new IPv4 connection that is forwarded from one interface to another, as far as that can be
 * told from its rules. Reads the output of `nft -j list ruleset` (libnftables-json(5)).
 */

export interface Verdict {
  readonly verdict: 'accept' | 'drop';
  /** The rule or policy that decided, in words; undefined where there is none. */
  readonly by: string | undefined;
  /** A rule before it that decides otherwise for some packets. */
  readonly unless?: string | undefined;
}

type Json = Readonly<Record<string, unknown>>;
interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly prio?: number;
  readonly policy?: string;
}
interface Rule {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly comment?: string;
  readonly expr: readonly Json[];
}
interface Packet {
  readonly iifname: string;
  readonly oifname: string;
}

/** Whether a match holds; undefined where it depends on the packet. */
type Answer = boolean | undefined;
type Outcome = 'accept' | 'drop' | 'return';

/** All rules of the machine. */
export class Firewall {
  readonly chains: readonly Chain[];
  /** By `chain NAME of table FAMILY TABLE`, and elements of sets by `TABLE @NAME`. */
  readonly rules = new Map<string, Rule[]>();
  readonly sets: ReadonlyMap<string, unknown[]>;

  /** Throws SyntaxError for a text that is no JSON. */
  constructor(ruleset: string) {
    const objects = (JSON.parse(ruleset) as { nftables: Json[] }).nftables;
    const all = <T>(kind: string) => objects.flatMap((object) => (object[kind] ? [object[kind] as T] : []));
    this.chains = all<Chain>('chain').filter(({ family }) => family === 'inet' || family === 'ip');
    for (const chain of this.chains) this.rules.set(nameOf(chain), []);
    for (const rule of all<Rule>('rule')) this.rules.get(nameOf({ ...rule, name: rule.chain }))?.push(rule);
    const sets = all<{ table: string; name: string; elem?: unknown[] }>('set');
    this.sets = new Map(sets.map(({ table, name, elem = [] }) => [`${table} @${name}`, elem]));
  }

  forward(from: string, to: string): Verdict {
    return new Walk(this, { iifname: from, oifname: to }).forward();
  }
}

/** The way of one packet. */
class Walk {
  readonly #firewall: Firewall;
  readonly #packet: Packet;
  #by = '';
  #unless: { outcome: Outcome; by: string } | undefined;

  constructor(firewall: Firewall, packet: Packet) {
    this.#firewall = firewall;
    this.#packet = packet;
  }

  /** Every base chain has its say; one that drops is enough. */
  forward(): Verdict {
    const base = this.#firewall.chains.filter(({ hook }) => hook === 'forward').sort((a, b) => a.prio! - b.prio!);
    let accepted: Verdict = { verdict: 'accept', by: undefined, unless: undefined };
    for (const chain of base) {
      this.#unless = undefined;
      const outcome = this.#chain(chain, 0);
      if (outcome === 'return') this.#by = `the policy ${chain.policy} of ${nameOf(chain)}`;
      const verdict = (outcome === 'return' ? chain.policy : outcome) === 'drop' ? 'drop' : 'accept';
      const unless = this.#unless as { outcome: Outcome; by: string } | undefined;
      accepted = { verdict, by: this.#by, unless: unless && unless.outcome !== verdict ? unless.by : undefined };
      if (verdict === 'drop') return accepted;
    }
    return accepted;
  }

  #chain(chain: Chain, depth: number): Outcome {
    for (const [n, rule] of this.#firewall.rules.get(nameOf(chain))!.entries()) {
      const by = `rule ${n + 1}${rule.comment ? ` (${rule.comment})` : ''} of ${nameOf(chain)}`;
      const outcome = this.#rule(rule, chain, by, depth);
      if (outcome) return outcome;
    }
    return 'return';
  }

  /** Undefined: the packet goes on to the next rule. */
  #rule({ expr }: Rule, chain: Chain, by: string, depth: number): Outcome | undefined {
    let isSure = true;
    for (const statement of expr) {
      const match = statement.match as { op: string; left: unknown; right: unknown } | undefined;
      const answer = match && this.#matches(match, chain.table);
      if (match && answer === false) return undefined;
      if (match && answer === undefined) isSure = false;
      const verdict = statement.vmap ? this.#mapped(statement.vmap as Json) : statement;
      const outcome = verdict && this.#verdict(verdict, chain, by, depth);
      if (outcome === 'accept' || outcome === 'drop') {
        if (isSure) return outcome;
        this.#unless ??= { outcome, by };
        return undefined;
      }
      if (outcome === 'return' && ('return' in statement || 'goto' in statement)) return isSure ? 'return' : undefined;
    }
    return undefined;
  }

  #verdict(statement: Json, chain: Chain, by: string, depth: number): Outcome | undefined {
    if ('accept' in statement || 'drop' in statement || 'reject' in statement) {
      this.#by = by;
      return 'accept' in statement ? 'accept' : 'drop';
    }
    if ('return' in statement) return 'return';
    const target = (statement.jump ?? statement.goto) as { target: string } | undefined;
    const next = this.#firewall.chains.find(({ table, name }) => table === chain.table && name === target?.target);
    // Chains cannot call themselves; a damaged text must not keep us for ever.
    return next && depth < 16 ? this.#chain(next, depth + 1) : undefined;
  }

  #matches({ op, left, right }: { op: string; left: unknown; right: unknown }, table: string): Answer {
    const { protocol } = (left as { payload?: { protocol?: string } }).payload ?? {};
    if (protocol === 'ip6' || protocol === 'icmpv6') return false;
    const value = this.#valueOf(left);
    if (value === undefined) return undefined;
    const found = this.#elements(right, table).some((element) => isElement(value, element));
    return op === '!=' ? !found : found;
  }

  #mapped({ key, data }: Json): Json | undefined {
    const value = this.#valueOf(key);
    const pairs = ((data as Json)?.set ?? []) as [unknown, Json][];
    return value === undefined ? undefined : pairs.find(([element]) => isElement(value, element))?.[1];
  }

  /** What the packet has there; undefined when that is not known. */
  #valueOf(left: unknown): string | undefined {
    const { meta, ct } = left as { meta?: { key: string }; ct?: { key: string } };
    if (meta?.key === 'iifname' || meta?.key === 'iif') return this.#packet.iifname;
    if (meta?.key === 'oifname' || meta?.key === 'oif') return this.#packet.oifname;
    if (meta?.key === 'nfproto') return 'ipv4';
    return ct?.key === 'state' ? 'new' : undefined;
  }

  #elements(right: unknown, table: string): unknown[] {
    if (typeof right === 'string' && right.startsWith('@')) return this.#firewall.sets.get(`${table} ${right}`) ?? [];
    return Array.isArray(right) ? right : (((right as Json)?.set as unknown[] | undefined) ?? [right]);
  }
}

/** `pppoe-*` stands for all names that begin so. */
function isElement(value: string, element: unknown): boolean {
  const text = String((element as { elem?: { val: unknown } })?.elem?.val ?? element);
  return text.endsWith('*') ? value.startsWith(text.slice(0, -1)) : value === text;
}

function nameOf({ family, table, name }: Chain): string {
  return `chain ${name} of table ${family} ${table}`;
}
