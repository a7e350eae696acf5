/** What the language has to be told of menus, commands and items. Names are RouterOS's, with `-`. */

/** One command of a menu: what may stand behind it. */
export interface CommandSyntax {
  readonly name: string;
  /** Names that take `=value`, and `!name`. */
  readonly properties?: readonly string[];
  /** Words that stand alone: `detail`. */
  readonly switches?: readonly string[];
  /** It takes items: numbers, names, `[find …]`. */
  readonly items?: boolean;
  /** RouterOS does not have it: it makes no word of RouterOS's longer. */
  readonly own?: boolean;
  /** What may stand behind the items: names of properties. */
  readonly words?: readonly string[];
  /** It takes `where …`; `find` also without the word. */
  readonly where?: boolean;
}

/** A menu by its path, `interface macvlan`; the root's is empty. Menus on the way need not be listed. */
export interface MenuSyntax {
  readonly path: string;
  readonly commands: readonly CommandSyntax[];
}

/** A property as `print` shows it. */
export interface Column {
  readonly name: string;
  /** Numbers stand at the right. */
  readonly align?: 'right';
  /** A count is written in groups of three digits, where people read it. */
  readonly grouped?: boolean;
  /** Free text is quoted in `print detail` even where it need not be. */
  readonly quoted?: boolean;
}

/** `name` is the item's flag, `label` what the legend says. */
export interface FlagColumn {
  readonly letter: string;
  readonly label: string;
  readonly name: string;
}

/** How a menu's items are shown. */
export interface Sheet {
  /** Of a plain `print`. */
  readonly columns: readonly Column[];
  /** Of `print detail` and the other forms: everything. */
  readonly properties: readonly Column[];
  readonly flags: readonly FlagColumn[];
  /** Properties that are shown as `;;;` lines: comment, about. */
  readonly remarks: readonly string[];
}

/** One item in print: `id` is `*1`; what is not set is missing or empty. */
export interface Item {
  readonly id: string;
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly flags: Readonly<Record<string, boolean>>;
}

/** An item's value as text; a flag's is `yes` or `no`, what is not set is empty. */
export function valueIn(item: Item, name: string): string {
  if (Object.hasOwn(item.flags, name)) return item.flags[name] ? 'yes' : 'no';
  return (Object.hasOwn(item.values, name) && item.values[name]) || '';
}

/** The one word meant by `text`: itself, or the only one that begins with it. */
export function complete(text: string, words: readonly string[]): string | undefined {
  if (words.includes(text)) return text;
  const found = words.filter((word) => text !== '' && word.startsWith(text));
  return found.length === 1 ? found[0] : undefined;
}

/** The word that `text` was probably meant to be: at most two letters wrong, missing, too many or exchanged. */
export function nearest(text: string, words: readonly string[]): string | undefined {
  const far = text.length < 3 ? 0 : text.length < 6 ? 1 : 2;
  const ranked = words.map((word) => ({ word, distance: distance(text, word, far) }));
  return ranked.filter((one) => one.distance <= far).sort((a, b) => a.distance - b.distance)[0]?.word;
}

/** Edits from one word to the other (optimal string alignment); more than `far` when it is more. */
function distance(a: string, b: string, far: number): number {
  if (Math.abs(a.length - b.length) > far) return far + 1;
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const change = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + same);
      row.push(swapped ? Math.min(change, rows[i - 2]![j - 2]! + 1) : change);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
