import type { Change } from '../../src/uci/changes.ts';
import type { Document } from '../../src/uci/parse.ts';

/** Numbers from a seed, the same under every engine (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}

const NAMES = ['p', 'q', 'r', 'long_name'];
const SECTIONS = ['x', 'y', 'z'];
const VALUES = [
  '1',
  'ether1',
  'two words',
  "it's",
  '#no',
  'a;b',
  'say "x"',
  'back\\slash',
  'two\nlines',
  'ünï',
  ' ',
  '\ttab',
];
const WORDS = [
  `1`,
  `ether1`,
  `'two words'`,
  `"it's"`,
  `'#no'`,
  `'say "x"'`,
  `"say \\"x\\""`,
  `a\\ b`,
  `'two\nlines'`,
  `a'b'"c"`,
];
const COMMENTS = ['', '', '', ' # why', '#glued', "# don't"];
const BROKEN = ['wrong', 'option', 'option p one two three', 'config a b c d', 'option a-b c', 'list'];

/** A file of every sort of line. `broken` adds lines that are wrong (no open quotes: those change what follows them). */
export function randomFile(random: Random, broken: boolean): string {
  const lineEnd = random.one(['\n', '\n', '\r\n']);
  const lines = Array.from({ length: random.below(14) }, () => randomLine(random, broken));
  return lines.join(lineEnd) + random.one([lineEnd, lineEnd, '', lineEnd + lineEnd]);
}

function randomLine(random: Random, broken: boolean): string {
  const indent = random.one(['', '\t', '    ']);
  switch (random.below(broken ? 10 : 9)) {
    case 0:
      return random.one(['', '  ']);
    case 1:
      return indent + random.one(['# comment', "# option p 'x'"]);
    case 2:
    case 3:
      return `${random.one(['config', 'c'])} ${random.one(['t', 'u', 't x', "u 'y'", '"t" "z"'])}${random.one(COMMENTS)}`;
    case 4:
      return `config t ; ${randomOption(random)}`;
    case 9:
      return random.one(BROKEN);
    default:
      return indent + randomOption(random) + random.one(COMMENTS);
  }
}

function randomOption(random: Random): string {
  const option = () => `${random.one(['option', 'list', 'o', 'l'])} ${random.one(NAMES)} ${random.one(WORDS)}`;
  return random.one([option(), option(), option(), `${option()} ; ${option()}`, `option ${random.one(NAMES)} ''`]);
}

/** Changes that can be made to a document. */
export function randomChanges(random: Random, document: Document): Change[] {
  const taken = new Set(document.sections.map(({ name }) => name));
  const changes: Change[] = [];
  const alive = document.sections.map((_, i) => i);
  for (let i = random.below(4); i >= 0; i--) {
    const section = alive.length > 0 ? random.one(alive) : undefined;
    const free = [...SECTIONS, 'new1', 'new2'].find((name) => !taken.has(name));
    const kind = random.below(8);
    if (section === undefined || kind === 0) {
      if (free === undefined) continue;
      changes.push({ kind: 'add', type: 't', name: free }, { kind: 'set', section: free, option: 'p', value: '1' });
      taken.add(free);
    } else if (kind === 1) {
      changes.push({ kind: 'remove', section });
      alive.splice(alive.indexOf(section), 1);
    } else if (kind === 2 && free !== undefined) {
      changes.push({ kind: 'rename', section, name: free });
      taken.add(free);
    } else changes.push(randomSetting(random, section));
  }
  return changes;
}

function randomSetting(random: Random, section: number): Change {
  const option = random.one([...NAMES, 'fresh']);
  const list = Array.from({ length: random.below(4) }, () => random.one(VALUES));
  return random.one<Change>([
    { kind: 'set', section, option, value: random.one(VALUES) },
    { kind: 'set', section, option, value: list },
    { kind: 'delete', section, option },
  ]);
}
