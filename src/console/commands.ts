import { consoleName } from '../model/properties.ts';
import { methodOf } from '../routeros/menu.ts';
import { print } from '../routeros/print.ts';
import { Fault } from '../routeros/scanner.ts';
import type { Step } from '../routeros/step.ts';
import type { Item } from '../routeros/table.ts';
import type { Table, Value } from '../ubus/blob.ts';
import { areChecks, printChecks } from './checks.ts';
import { withEnding, writeTo } from './files.ts';
import { importFile } from './import.ts';
import { monitor, printOn } from './live.ts';
import { exportNetifd } from './netifd.ts';
import { scan } from './scan.ts';
import type { Session } from './session.ts';
import { status } from './status.ts';
import { monitorTraffic } from './traffic.ts';

/** A command that is the console's own business, as the interpreter hands it over. */
export type Other = Extract<Step, { do: 'other' }>;
export type Command = (session: Session, other: Other) => Promise<void>;

const COMMANDS: Readonly<Record<string, Command>> = {
  quit,
  status,
  export: exportScript,
  import: importFile,
  print: printOn,
  monitor,
  'monitor-traffic': monitorTraffic,
  scan,
};

/** What does it; whatever is no command of the console's is a method of the menu. */
export function commandOf({ statement: { command = '' } }: Other): Command {
  return Object.hasOwn(COMMANDS, command) ? COMMANDS[command]! : method;
}

async function quit(session: Session): Promise<void> {
  session.ended = true;
}

/** The whole configuration, or what is below the menu that it is said in; or a line as netifd has it. */
async function exportScript(session: Session, other: Other): Promise<void> {
  const { statement } = other;
  const has = (name: string) => statement.switches.includes(name);
  const line = await session.drive(session.interpreter.named(statement, 'netifd'));
  if (line !== undefined) return exportNetifd(session, other, line);
  const args = { verbose: has('verbose'), terse: has('terse'), show_sensitive: has('show-sensitive') };
  const { script } = await session.call('macvlan', 'export', args, statement);
  const text = partOf(String(script), statement.menu);
  const file = await session.drive(session.interpreter.named(statement, 'file'));
  if (file !== undefined) writeTo(session, withEnding(file, '.rsc'), text, statement);
  else if (session.options.json) session.writeJson({ script: text });
  else session.options.write(text);
}

/** The parts of an export that begin with a menu's path. */
function partOf(script: string, menu: string): string {
  if (menu === '') return script;
  const parts = script.split(/^(?=\/)/m);
  return parts.filter((part) => `${part.replace(/\s+/g, ' ')} `.startsWith(`/${menu} `)).join('');
}

/** A method that is no more than its answer, of one item after another or of the menu. */
async function method(session: Session, { menu, statement, ids }: Other): Promise<void> {
  const found = menu && methodOf(menu, statement.command!);
  if (!found) throw new Fault(`bad command name ${statement.command}`, statement);
  for (const args of ids.length > 0 ? ids.map((id) => ({ id })) : [{}]) {
    const data = await session.call(menu.object, found.method, args, statement);
    if (session.options.json) session.writeJson(data);
    else session.options.write(printAnswer(data, session.options.width()));
  }
}

/** An answer as people read it: tables as tables, the rest as `name: value`. */
function printAnswer(data: Table, width: number): string {
  return Object.entries(data)
    .map(([name, value]) => {
      if (Array.isArray(value) && areChecks(value)) return printChecks(value, width);
      if (!Array.isArray(value)) return `${consoleName(name).padStart(16)}: ${shown(value)}\n`;
      return value.every((one) => isTable(one))
        ? printRows(value as Table[], width)
        : value.map((one) => `${shown(one)}\n`).join('');
    })
    .join('');
}

function isTable(value: Value | undefined): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function printRows(rows: readonly Table[], width: number): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const items = rows.map((row): Item => {
    const values = Object.entries(row).map(([name, value]) => [consoleName(name), shown(value)]);
    return { id: '', flags: {}, values: Object.fromEntries(values) };
  });
  const columns = names.map((name) => ({ name: consoleName(name) }));
  const sheet = { columns, properties: columns, flags: [], remarks: [] };
  const table = print(items, sheet, { form: 'table', width });
  // What does not fit is easier to read below one another.
  const fits = table.split('\n').every((line) => line.length <= width);
  return fits ? table : print(items, sheet, { form: 'detail', width });
}

function shown(value: Value | undefined): string {
  if (Array.isArray(value)) return value.map(shown).join(',');
  if (isTable(value)) return JSON.stringify(value);
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value ?? '');
}
