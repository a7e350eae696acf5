import { type Change, type Draft, type DraftOption, Drafts } from './changes.ts';
import { type Document, type Option, parse, type Section } from './parse.ts';
import type { Row, Rows, Statement } from './rows.ts';
import { quote, quoteLike, type Word } from './words.ts';

/**
 * A file's text with changes made and every line that they do not concern as it was: comments, order, indentation,
 * quoting, line ends, lines that are wrong. Throws UciError for a change that cannot be made. `known` is the text's
 * document where that was read already.
 */
export function edit(text: string, changes: readonly Change[], known?: Document): string {
  const lineEnd = text[text.indexOf('\n') - 1] === '\r' ? '\r\n' : '\n';
  const whole = text === '' || text.endsWith('\n');
  const complete = whole ? text : text + lineEnd;
  const document = whole && known ? known : parse(complete);
  const result = new Editor(complete, document, lineEnd).bring(new Drafts(document, changes));
  return whole || !result.endsWith(lineEnd) ? result : result.slice(0, -lineEnd.length);
}

/** `text` in place of the characters from `start` to `end`. */
interface Splice {
  start: number;
  end: number;
  text: string;
}

/** Notes what has to be different in the text, and at the end cuts it all in one go. */
class Editor {
  readonly #text: string;
  readonly #document: Document;
  readonly #rows: Rows;
  readonly #lineEnd: string;
  readonly #splices: Splice[] = [];
  readonly #goneRows = new Set<Row>();
  readonly #goneStatements = new Set<Statement>();

  constructor(text: string, document: Document, lineEnd: string) {
    this.#text = text;
    this.#document = document;
    this.#rows = document.rows;
    this.#lineEnd = lineEnd;
  }

  /** The text that says what the drafts say. */
  bring(drafts: Drafts): string {
    for (const section of this.#document.sections) {
      const draft = drafts.of(section);
      if (draft) this.#bringSection(section, draft);
    }
    this.#append(drafts.added);
    for (const row of new Set([...this.#goneRows, ...[...this.#goneStatements].map(({ row }) => row)])) this.#cut(row);
    return this.#spliced();
  }

  #bringSection(section: Section, draft: Draft): void {
    if (draft.removed) {
      this.#removeSection(section);
      return;
    }
    if (draft.name !== undefined && draft.name !== section.name) this.#rename(section, draft.name);
    for (const option of section.options) {
      const wanted = draft.options.get(option.name);
      if (!wanted) this.#drop(this.#rows.statements(option.places));
      else if (wanted.kind === 'list') this.#bringList(option, wanted.values);
      else this.#bringOption(option, wanted.values[0]!);
    }
    this.#addOptions(section, draft);
  }

  #rename(section: Section, name: string): void {
    for (const { words } of this.#rows.statements(section.headers)) this.#replaceWord(words[2], words[1]!, name);
  }

  #bringOption(option: Option, value: string): void {
    if (option.kind === 'option' && value === option.values[0]) return;
    const { sources, replaced } = this.#placed(option);
    const first = sources[0]!;
    if (option.kind === 'list') {
      this.#replaceCommand(first, 'option');
      this.#drop(sources.slice(1), replaced);
    }
    if (value !== option.values[0]) this.#replaceWord(first.words[2], first.words[1]!, value);
  }

  /** Lines of items that stay are left alone: what differs lies between the longest equal beginning and end. */
  #bringList(option: Option, values: readonly string[]): void {
    const { values: old } = option;
    const shorter = Math.min(old.length, values.length);
    let head = 0;
    while (head < shorter && old[head] === values[head]) head++;
    let tail = 0;
    while (tail < shorter - head && old.at(-1 - tail) === values.at(-1 - tail)) tail++;
    if (option.kind === 'list' && head === old.length && head === values.length) return;
    const { sources, replaced } = this.#placed(option);
    const kept = shorter - tail;
    for (let i = head; i < kept; i++) this.#replaceWord(sources[i]!.words[2], sources[i]!.words[1]!, values[i]!);
    this.#drop(sources.slice(kept, old.length - tail), replaced);
    for (const source of [...sources.slice(0, kept), ...sources.slice(old.length - tail)])
      this.#replaceCommand(source, 'list');
    const lines = printOption(option.name, { kind: 'list', values: values.slice(kept, values.length - tail) });
    if (kept > 0) this.#insertAfter(sources[kept - 1]!, lines);
    else this.#insertBefore(sources[0]!, lines);
  }

  /** The commands that the values come from, and those before them that have no effect. */
  #placed({ places, values }: Option): { sources: Statement[]; replaced: Statement[] } {
    const statements = this.#rows.statements(places);
    return { sources: statements.slice(-values.length), replaced: statements.slice(0, -values.length) };
  }

  #addOptions(section: Section, draft: Draft): void {
    const added = [...draft.options].filter(([name]) => !section.options.some((known) => known.name === name));
    if (added.length === 0) return;
    const empty = this.#rows.statements(section.empty);
    const lines: string[] = [];
    for (const [name, option] of added) {
      const place = empty.find(({ words }) => words[1]!.value === name)?.words;
      if (place && option.kind === 'option') this.#replaceWord(place[2], place[1]!, option.values[0]!);
      else lines.push(...printOption(name, option));
    }
    this.#insertAfter(this.#lastOf(section), lines);
  }

  /** The command of a section that stands last and stays. */
  #lastOf({ headers, options }: Section): Statement {
    const places = [headers, ...options.map(({ places }) => places)].flat().sort((a, b) => b - a);
    const last = places.find((place) => !this.#goneStatements.has(this.#rows.statement(place)))!;
    return this.#rows.statement(last);
  }

  /** At the end, but before the blank lines that libuci's export leaves there. */
  #append(drafts: readonly Draft[]): void {
    const text = drafts.map((draft) => this.#printSection(draft)).join(this.#lineEnd);
    if (text === '') return;
    let before = this.#rows.last;
    while (before?.kind === 'blank') before = this.#rows.before(before);
    if (before) this.#insertAt(before.end, this.#startLine(before) + this.#lineEnd + text);
    else this.#insertAt(0, text);
  }

  #printSection(draft: Draft): string {
    const type = /^[\w.:-]+$/.test(draft.type) ? draft.type : quote(draft.type);
    const options = [...draft.options].flatMap(([name, option]) => printOption(name, option));
    const lines = [`config ${type} ${quote(draft.name!)}`, ...options.map((line) => this.#indent() + line)];
    return lines.map((line) => line + this.#lineEnd).join('');
  }

  #removeSection(section: Section): void {
    const headers = this.#rows.statements(section.headers);
    for (const header of headers) this.#removeBlock(header.row);
    for (const option of section.options) this.#drop(this.#rows.statements(option.places));
    this.#drop(headers, this.#rows.statements(section.empty));
  }

  /**
   * The rows that one header opens, the comment directly above it and one blank line. A comment that touches the next
   * header is that one's; one that stands apart is nobody's.
   */
  #removeBlock(header: Row): void {
    const block = this.#bodyOf(header);
    const comments: Row[] = [];
    let below = this.#rows.after(block.at(-1)!);
    for (; below?.kind === 'comment'; below = this.#rows.after(below)) comments.push(below);
    if (!below?.opens) block.push(...comments);
    let above = this.#rows.before(header);
    for (; above?.kind === 'comment'; above = this.#rows.before(above)) block.push(above);
    const beside = above ?? below;
    if (beside?.kind === 'blank') block.push(beside);
    for (const row of block) if (row.statements.length === 0) this.#goneRows.add(row);
  }

  /** From the header to the last command before the next header. */
  #bodyOf(header: Row): Row[] {
    const rows = [header];
    for (let row = this.#rows.after(header); row && !row.opens; row = this.#rows.after(row)) rows.push(row);
    return rows.slice(0, rows.findLastIndex(({ kind }) => kind === 'command') + 1);
  }

  #drop(...groups: Statement[][]): void {
    for (const statement of groups.flat()) this.#goneStatements.add(statement);
  }

  /** Take the statements that are gone off a row, and the row too when nothing else was on it. */
  #cut(row: Row): void {
    const gone = row.statements.filter((statement) => this.#goneStatements.has(statement));
    if (this.#goneRows.has(row) || (gone.length > 0 && gone.length === row.statements.length && !row.broken)) {
      this.#splices.push({ start: row.start, end: row.end, text: '' });
      return;
    }
    const lastKept = row.statements.findLastIndex((statement) => !this.#goneStatements.has(statement));
    for (const statement of gone) {
      const i = row.statements.indexOf(statement);
      const following = row.statements[i + 1];
      if (lastKept < 0) this.#splices.push({ start: statement.start, end: statement.end, text: '' });
      else if (i < lastKept) this.#splices.push({ start: statement.start, end: following!.start, text: '' });
      else this.#splices.push({ start: row.statements[i - 1]!.end, end: statement.end, text: '' });
    }
  }

  /** Put a value where `old` stands, or where it is missing behind `before`. */
  #replaceWord(old: Word | undefined, before: Word, value: string): void {
    if (!old) this.#insertAt(before.end, ` ${quote(value)}`);
    else
      this.#splices.push({
        start: old.start,
        end: old.end,
        text: quoteLike(this.#text.slice(old.start, old.end), value),
      });
  }

  /** In the long or the short form that stands there. */
  #replaceCommand(statement: Statement, command: 'option' | 'list'): void {
    const word = statement.words[0]!;
    if (statement.command === command) return;
    const text = word.value.length === 1 ? command.charAt(0) : command;
    this.#splices.push({ start: word.start, end: word.end, text });
  }

  #insertAfter(statement: Statement, lines: readonly string[]): void {
    const { row } = statement;
    if (lines.length === 0) return;
    // libuci ends a bare word at `;` and then forgets the rest of the line, hence the blank.
    if (row.statements.at(-1) !== statement || row.broken)
      this.#insertAt(statement.end, lines.map((line) => ` ; ${line}`).join(''));
    else this.#insertAt(row.end, this.#startLine(row) + this.#printLines(statement, lines));
  }

  #insertBefore(statement: Statement, lines: readonly string[]): void {
    const { row } = statement;
    if (lines.length === 0) return;
    if (row.statements[0] !== statement) this.#insertAt(statement.start, lines.map((line) => `${line} ; `).join(''));
    else this.#insertAt(row.start, this.#printLines(statement, lines));
  }

  #printLines(neighbour: Statement, lines: readonly string[]): string {
    const indent = neighbour.command === 'config' ? this.#indent() : this.#indentOf(neighbour);
    return lines.map((line) => indent + line + this.#lineEnd).join('');
  }

  /** The indentation of the file's first option; libuci's is a tab. */
  #indent(): string {
    for (const { options } of this.#document.sections) {
      const [source] = options[0] ? this.#placed(options[0]).sources : [];
      if (source && source.row.statements[0] === source) return this.#indentOf(source);
    }
    return '\t';
  }

  #indentOf(statement: Statement): string {
    const first = statement.row.statements[0]!;
    return first.command === 'config' ? '\t' : this.#text.slice(statement.row.start, first.start);
  }

  /** A last row that ends in a backslash and a line end has no line end of its own. */
  #startLine(row: Row): string {
    return row.kind === 'command' && /\\\r?\n$/.test(this.#text.slice(row.start, row.end)) ? this.#lineEnd : '';
  }

  #insertAt(at: number, text: string): void {
    this.#splices.push({ start: at, end: at, text });
  }

  #spliced(): string {
    let out = '';
    let at = 0;
    // What is inserted at a place comes before what is cut from there on.
    for (const splice of this.#splices.sort((a, b) => a.start - b.start || a.end - b.end)) {
      out += this.#text.slice(at, splice.start) + splice.text;
      at = splice.end;
    }
    return out + this.#text.slice(at);
  }
}

function printOption(name: string, { kind, values }: DraftOption): string[] {
  return values.map((value) => `${kind} ${name} ${quote(value)}`);
}
