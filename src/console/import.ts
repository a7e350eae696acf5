import { nameOf } from '../routeros/elsewhere.ts';
import { Interpreter } from '../routeros/interpreter.ts';
import { Fault } from '../routeros/scanner.ts';
import { parseScript } from '../routeros/script.ts';
import type { Missing, Statement } from '../routeros/statement.ts';
import type { Other } from './commands.ts';
import { readScript } from './files.ts';
import type { Session } from './session.ts';

/** What the daemon's `import` answers. */
interface Imported {
  readonly done: number;
  readonly skipped: readonly (Missing & { count: number })[];
  readonly ops?: readonly string[];
}

/** `import FILE`: all of it or nothing, done by the daemon as one write; with `verbose=yes` line by line. */
export async function importFile(session: Session, { statement }: Other): Promise<void> {
  const words = await session.drive(session.interpreter.words(statement));
  const path = (await session.drive(session.interpreter.named(statement, 'file-name'))) ?? words[0];
  if (path === undefined) throw new Fault('missing value(s) of argument(s) file-name', statement);
  const script = readScript(session, path, statement);
  const verbose = await session.drive(session.interpreter.named(statement, 'verbose'));
  if (verbose === 'yes') await lineByLine(session, path, script);
  else await asOne(session, path, script, statement);
}

async function asOne(session: Session, path: string, script: string, statement: Statement): Promise<void> {
  const { bus, json, write } = session.options;
  const dryRun = statement.switches.includes('dry-run');
  const answer = await bus.call('macvlan', 'import', { script, dry_run: dryRun });
  if (!('data' in answer)) {
    // Where in the file; the statement that asked for it is of no interest.
    const place = answer.line === undefined ? '' : `${path} line ${answer.line} column ${answer.column}: `;
    throw new Fault(`failure: ${place}${answer.error}; nothing has been changed`, statement);
  }
  if (json) return session.writeJson(answer.data);
  const { done, skipped, ops = [] } = answer.data as unknown as Imported;
  for (const op of ops) write(`${op}\n`);
  for (const { count, ...what } of skipped) write(`left out: ${nameOf(what)} (${count})\n`);
  write(`${done} ${done === 1 ? 'command' : 'commands'} ${dryRun ? 'would be done' : 'done'}\n`);
}

/** Each command as it is done; the first that is refused ends it, and what stands before it has been done. */
async function lineByLine(session: Session, path: string, text: string): Promise<void> {
  const { write } = session.options;
  const missing = (what: Missing) => write(`left out: ${nameOf(what)}\n`);
  const interpreter = new Interpreter({ ...session.options, missing });
  const script = parseScript(text, session.syntax, { foreign: true });
  const lines = text.split(/\r?\n/);
  let done = 0;
  try {
    for (const statement of script.statements) {
      if (statement.command !== undefined) write(`#line ${statement.line}\n${lines[statement.line - 1]}\n`);
      await session.drive(interpreter.run([statement]));
      if (statement.command !== undefined && statement.missing === undefined) done++;
    }
    if (script.error) throw script.error;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(
      `failure: ${path} line ${error.line} column ${error.column}: ${error.reason}; ${done} commands have been done`,
      { line: 1, column: 1 },
    );
  }
  write(`${done} ${done === 1 ? 'command' : 'commands'} done\n`);
}
