import type { Config, Item } from '../model/config.ts';
import { Draft } from '../model/draft.ts';
import type { Edit } from '../model/edit.ts';
import { entryOf, itemsOf } from '../model/entry.ts';
import type { Entry, Menu } from '../model/menu.ts';
import { Refused } from '../model/refused.ts';
import { type Arguments, WRITES, type Write } from '../model/select.ts';
import type { World } from '../model/world.ts';
import { Interpreter } from '../routeros/interpreter.ts';
import { syntaxOf } from '../routeros/menu.ts';
import { Fault } from '../routeros/scanner.ts';
import { parseScript, type Script } from '../routeros/script.ts';
import type { Missing } from '../routeros/statement.ts';
import { type Answer, Refusal, type Run, type Step } from '../routeros/step.ts';
import type { Table } from '../ubus/blob.ts';
import type { Loop } from './loop.ts';

/** Nobody is served while a script runs; so many commands are half a ubus message of short ones. */
const MOST = 20_000;

/** How one write of a menu is made. */
type Editor = (write: Write, menu: Menu, args: Arguments, world: World) => Edit;

/** What a script came to: how the configuration changes, and what was left out because it is not ours. */
interface Outcome {
  readonly config: Config;
  readonly edit: Edit;
  readonly done: number;
  readonly skipped: readonly (Missing & { count: number })[];
}

/** A script as one write: all of it, or nothing and why not. With `dry_run` only what would be done. Throws Refused. */
export async function importScript(
  script: string,
  dryRun: boolean,
  loop: Loop,
  menus: readonly Menu[],
): Promise<Table> {
  const parsed = parseScript(script, syntaxOf(menus), { foreign: true });
  if (parsed.error) throw refusedAt(parsed.error);
  const { checked, edit } = await import('./writing.ts');
  let outcome: Outcome | undefined;
  const decide = (world: World): Outcome => {
    outcome = play(parsed, world, menus, (write, menu, args, world) => edit(write, checked(menu), args, world));
    return outcome;
  };
  const ops = dryRun ? (await loop.foresee((world) => decide(world).config)).ops : undefined;
  if (!dryRun) await loop.change((world) => decide(world).edit);
  const { done, skipped } = outcome!;
  return { done, skipped: skipped.map((one) => ({ ...one })), ...(ops && { ops }) };
}

/** What the script makes of the configuration; each command is judged against what the ones before it left. */
export function play(script: Script, world: World, menus: readonly Menu[], edit: Editor): Outcome {
  const draft = new Draft(world.config, menus);
  const touched = new Set<string>();
  const counts = new Map<string, Missing & { count: number }>();
  const missing = (what: Missing) => {
    const key = JSON.stringify(what);
    counts.set(key, { ...what, count: (counts.get(key)?.count ?? 0) + 1 });
  };
  let done = 0;
  const call = (menu: Menu, method: string, args: Arguments): Answer => {
    if (!isWrite(method)) throw new Refusal(`${method} cannot be part of an import`);
    const {
      changes,
      touched: ids,
      answer,
    } = attempt(() => edit(method, menu, args, { ...world, config: draft.config }));
    draft.apply(changes);
    for (const id of ids) touched.add(id);
    done++;
    return { data: answer };
  };
  const callEach = (menu: Menu, { method, args, ids }: Extract<Step, { do: 'call' }>): Answer =>
    (ids?.map((id) => ({ ...args, id })) ?? [args]).map((one) => call(menu, method, one)).at(-1) ?? {};
  const entries = entriesOf(world);
  drive(new Interpreter({ menus, width: () => 80, missing, most: MOST }).run(script.statements), (step) => {
    const menu = 'menu' in step ? menus.find(({ type }) => type === step.menu?.type) : undefined;
    if (step.do === 'call') return callEach(menu!, step);
    if (step.do === 'list') return { entries: entries(menu!, draft.config) };
    if (step.do === 'other' && step.statement.command === 'import')
      throw new Fault('import cannot be part of an import', step.statement);
    return {};
  });
  const { changes, config } = draft;
  return { config, edit: { changes, answer: {}, touched: [...touched] }, done, skipped: [...counts.values()] };
}

/** The entries of a menu, each made once. */
function entriesOf(world: World): (menu: Menu, config: Config) => Entry[] {
  const known = new WeakMap<Item, Entry>();
  const entry = (menu: Menu, item: Item) => {
    const made = known.get(item) ?? entryOf(menu, item, world);
    known.set(item, made);
    return made;
  };
  return (menu, config) => itemsOf(menu, config).map((item) => entry(menu, item));
}

function isWrite(method: string): method is Write {
  return WRITES.some((write) => write === method);
}

/** A refusal is told to the interpreter, which knows where it was. */
function attempt(fn: () => Edit): Edit {
  try {
    return fn();
  } catch (error) {
    throw error instanceof Refused ? new Refusal(error.message, error.property) : error;
  }
}

function drive(run: Run<void>, answer: (step: Step) => Answer): void {
  try {
    for (let next = run.next({}); !next.done; ) {
      try {
        next = run.next(answer(next.value));
      } catch (error) {
        next = run.throw(error);
      }
    }
  } catch (error) {
    throw error instanceof Fault ? refusedAt(error) : error;
  }
}

function refusedAt({ reason, line, column }: Fault): Refused {
  return new Refused(reason.replace(/^failure: /, ''), undefined, undefined, { line, column });
}
