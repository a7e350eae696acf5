import type { Event } from '../model/facts.ts';
import type { Netlink } from '../netlink/conn.ts';
import type { Hook } from '../plan/hooks.ts';
import { commandOf, memoryOf, type Op, opKey, toldBy } from '../plan/op.ts';
import type { Machine } from '../runtime/machine.ts';
import type { Children } from './children.ts';
import type { Gateways } from './gateways.ts';
import { deleteLinks, doom, execute } from './kernel.ts';
import { loaded } from './loaded.ts';
import type { LoopProtect } from './loopprotect.ts';
import type { Announcer } from './netifd.ts';
import type { News } from './observe.ts';
import type { Turns } from './turns.ts';

/** Ops of one go, so few that the time is looked at often enough: a link costs a fast machine some 0.2 ms. */
const SLICE = 50;
/** To find out about more than these took its time already. */
const MANY = 200;

export interface Hands {
  readonly machine: Machine;
  readonly turns: Turns;
  readonly netlink: Netlink;
  readonly children: Children;
  loopProtect(): Promise<LoopProtect>;
  /** Loaded when a gateway is asked first. */
  gateways(): Promise<Gateways>;
  /** Where one runs. */
  readonly netifd: Announcer | undefined;
  /** A file in the run directory. */
  writeFile(name: string, text: string, mode: number): void;
  /** A file below /proc/sys. */
  writeSetting(path: string, value: string): void;
  /** nft(8) with a script, which is done whole or not at all. */
  setRuleset(script: string): Promise<void>;
  /** Start an item's script; its end is not waited for. */
  runHook(hook: Hook): Promise<void>;
  /** Hears of each op, where somebody wants to look inside. */
  readonly log: ((text: string) => void) | undefined;
}

/** The only place that acts. Ops are done in their order; what came of each is answered as events. */
export async function apply(ops: readonly Op[], hands: Hands): Promise<Event[]> {
  const events: Event[] = [];
  const { turns } = hands;
  if (ops.length > MANY || ops.some(({ op }) => op === 'deleteLinks')) await turns.give();
  for (let at = 0; at < ops.length; await turns.take()) {
    const slice = run(ops, at);
    events.push(...(await applySlice(slice, hands)));
    at += slice.length;
  }
  return events;
}

/** The ops from `at` on that can be handed over together: of one sort, and not too many. */
function run(ops: readonly Op[], at: number): readonly Op[] {
  const sort = sortOf(ops[at]!);
  if (ops[at]!.op === 'deleteLinks') return ops.slice(at, at + 1);
  let end = at + 1;
  while (end < ops.length && end - at < SLICE && sortOf(ops[end]!) === sort) end++;
  return ops.slice(at, end);
}

/** What the kernel is asked for in a batch; all else is done one by one. */
const KERNEL = new Set<Op['op']>([
  'addLink',
  'setLink',
  'deleteLink',
  'addAddress',
  'deleteAddress',
  'deleteSlaac',
  'addRoute',
  'deleteRoute',
  'setNeighbour',
  'deleteNeighbour',
  'setArpTimes',
  'addRule',
  'deleteRule',
  'setConf',
]);

function sortOf({ op }: Op): 'single' | 'kernel' {
  return KERNEL.has(op) ? 'kernel' : 'single';
}

/** What of the kernel is another thing after it; nothing but what no news comes of: `{}`. */
const TOUCHED: Readonly<Partial<Record<Op['op'], News>>> = {
  addAddress: { addresses: true },
  deleteAddress: { addresses: true },
  addRoute: { routes: true },
  deleteRoute: { routes: true },
  addRule: { rules: true },
  deleteRule: { rules: true },
  setConf: { links: true },
  setRuleset: {},
  writeSetting: {},
};

/** What has to be looked at again after these; undefined: nothing. */
export function touchedBy(ops: readonly Op[]): News | undefined {
  const kinds = [...new Set(ops.map(({ op }) => op))].filter(
    (op) => KERNEL.has(op) || op === 'deleteLinks' || TOUCHED[op],
  );
  return kinds.length === 0 ? undefined : Object.assign({}, ...kinds.map((op) => TOUCHED[op] ?? { overrun: true }));
}

async function applySlice(ops: readonly Op[], hands: Hands): Promise<Event[]> {
  if (hands.log) for (const op of ops) hands.log((await sentences()).printOp(op));
  const at = hands.machine.libc.uptime();
  const errors: (Error | undefined)[] = [];
  if (sortOf(ops[0]!) === 'single') for (const op of ops) errors.push(await attempt(op, hands, at));
  else errors.push(...(await loaded(() => execute(hands.netlink, ops)).catch((error) => ops.map(() => error))));
  return Promise.all(ops.map((op, i) => (errors[i] ? failure(op, errors[i], at, hands) : success(op, at))));
}

async function failure(op: Op, error: Error, at: number, { log, machine }: Hands): Promise<Event> {
  const { printOp, explain } = await sentences();
  log?.(`${printOp(op)}: failed: ${error.message}`);
  const isMissing = op.op === 'spawn' && 'errno' in error && error.errno === machine.libc.constants.ENOENT;
  return { type: 'failed', op: opKey(op), owner: op.owner, error: explain(op, error), isMissing, at };
}

function success(op: Op, at: number): Event {
  if (op.op === 'spawn') return { type: 'started', key: op.name, at, command: commandOf(op.argv) };
  if (op.op === 'endSession') return { type: 'parted', key: op.owner };
  if (op.op === 'signal') return { type: 'signalled', key: op.name };
  if (op.op === 'hook') return { type: 'told', key: op.key, told: toldBy(op) };
  if (op.op === 'announce') return { type: 'announced' };
  if (op.op === 'probe') return { type: 'probed', key: op.owner, at };
  if (op.op === 'askGateway') return { type: 'asked', key: op.owner, address: op.address, at };
  return memoryOf(op) ?? { type: 'done', op: opKey(op) };
}

/** What failed has to be learned however: where the sentences cannot be loaded, the keys say as much. */
function sentences(): Promise<Pick<typeof import('../plan/sentence.ts'), 'printOp' | 'explain'>> {
  const explain = (op: Op, { message }: Error) => `${opKey(op)}: ${message}`;
  return import('../plan/sentence.ts').catch(() => ({ printOp: opKey, explain }));
}

/** One at a time, and a failure is only its own. */
async function attempt(op: Op, hands: Hands, now: number): Promise<Error | undefined> {
  const { children } = hands;
  try {
    if (op.op === 'kill') children.stop(op.pid, op.signal, now);
    else if (op.op === 'signal') children.signal(op.pid, op.signal as 'SIGUSR1' | 'SIGUSR2');
    else if (op.op === 'spawn') children.spawn(op.name, op.argv, op.ifindex, op.secrets);
    else if (op.op === 'deleteLinks') return await deleteMany(op, hands);
    else if (op.op === 'writeFile') hands.writeFile(op.name, op.text, op.mode);
    else if (op.op === 'writeSetting') hands.writeSetting(op.name, op.value);
    else if (op.op === 'hook') await hands.runHook(op);
    else if (op.op === 'setRuleset') await hands.setRuleset(op.text);
    else if (op.op === 'listen') (await hands.loopProtect()).listen(op.ifindex);
    else if (op.op === 'ignore') (await hands.loopProtect()).ignore(op.ifindex);
    else if (op.op === 'probe') (await hands.loopProtect()).probe(op.ifindex, op.name, op.address);
    else if (op.op === 'askGateway') (await hands.gateways()).ask(op);
    else if (op.op === 'endSession') (await import('./discovery.ts')).endSession(op, hands.machine);
    else if (op.op === 'announce') hands.netifd!.announce(op);
    else if (op.op === 'withdraw') hands.netifd!.withdraw(op.name);
    else if (op.op === 'forgetGateway') (await hands.gateways()).forget(op.owner);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Others are served between the two: each takes its time. */
async function deleteMany({ ifindexes, all }: Extract<Op, { op: 'deleteLinks' }>, { netlink, turns }: Hands) {
  if (all) return deleteLinks(netlink, all);
  const error = doom(netlink, ifindexes);
  await turns.give();
  return deleteLinks(netlink, all) ?? error;
}
