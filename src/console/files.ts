import { Fault } from '../routeros/scanner.ts';
import type { Statement } from '../routeros/statement.ts';
import type { Session } from './session.ts';

/** The files that commands name. */

/** A name without an ending gets the one that RouterOS gives. */
export function withEnding(file: string, ending: string): string {
  return /\.[^./]*$/.test(file) ? file : file + ending;
}

export function writeTo(session: Session, path: string, text: string, at: Statement): void {
  try {
    session.options.writeFile(path, text);
  } catch (error) {
    throw new Fault(`failure: ${(error as Error).message}`, at);
  }
}

/** The text of a script; `.rsc` need not be said. */
export function readScript(session: Session, path: string, at: Statement): string {
  try {
    const text = session.options.readFile(path) ?? session.options.readFile(`${path}.rsc`);
    if (text !== undefined) return text;
  } catch (error) {
    throw new Fault(`failure: ${(error as Error).message}`, at);
  }
  throw new Fault(`failure: no file ${path}`, at);
}
