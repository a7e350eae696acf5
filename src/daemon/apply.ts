import type { Event } from '../model/facts.ts';
import type { Netlink } from '../netlink/conn.ts';
import { type Op, opKey, printOp } from '../plan/op.ts';
import type { Machine } from '../runtime/machine.ts';
import type { Children } from './children.ts';
import { deleteLinks, execute } from './kernel.ts';

/** Ops of one go: other descriptors are served between two. Creating a link costs the kernel some 0.1 ms. */
const SLICE = 200;
/** From so many deletes on, a group is quicker. */
const FEW = 4;

export interface Hands {
  readonly machine: Machine;
  readonly netlink: Netlink;
  readonly children: Children;
  /** Keeps the resolver file. */
  writeResolver(text: string): void;
  log(text: string): void;
}

/** The only place that acts. Ops are done in their order; what came of each is answered as events. */
export async function apply(ops: readonly Op[], hands: Hands): Promise<Event[]> {
  const events: Event[] = [];
  for (let at = 0; at < ops.length; ) {
    const slice = run(ops, at);
    events.push(...applySlice(slice, hands));
    at += slice.length;
    if (at < ops.length) await turn(hands.machine);
  }
  return events;
}

/** The ops from `at` on that can be handed over together: of one sort, and not too many. */
function run(ops: readonly Op[], at: number): readonly Op[] {
  const sort = sortOf(ops[at]!);
  let end = at + 1;
  while (end < ops.length && end - at < SLICE && sortOf(ops[end]!) === sort) end++;
  return ops.slice(at, end);
}

function sortOf({ op }: Op): 'child' | 'delete links' | 'kernel' {
  if (op === 'kill' || op === 'signal' || op === 'spawn' || op === 'writeResolver') return 'child';
  return op === 'deleteLink' ? 'delete links' : 'kernel';
}

function applySlice(ops: readonly Op[], hands: Hands): Event[] {
  const at = hands.machine.libc.uptime();
  const sort = sortOf(ops[0]!);
  for (const op of ops) hands.log(printOp(op));
  if (sort === 'child') return ops.map((op) => outcome(op, attempt(op, hands, at), at, hands));
  const errors = sort === 'delete links' && ops.length > FEW ? deleteTogether(ops, hands) : execute(hands.netlink, ops);
  return ops.map((op, i) => outcome(op, errors[i], at, hands));
}

function deleteTogether(ops: readonly Op[], hands: Hands): (Error | undefined)[] {
  const error = deleteLinks(
    hands.netlink,
    ops.flatMap((op) => (op.op === 'deleteLink' ? [op.ifindex] : [])),
  );
  return ops.map(() => error);
}

function outcome(op: Op, error: Error | undefined, at: number, hands: Hands): Event {
  if (error) {
    hands.log(`${printOp(op)}: failed: ${error.message}`);
    return { type: 'failed', op: opKey(op), owner: op.owner, error: explain(op, error), at };
  }
  if (op.op === 'spawn') return { type: 'started', key: op.name, at };
  if (op.op === 'signal') return { type: 'signalled', key: op.name };
  return { type: 'done', op: opKey(op) };
}

/** The sentence that `about` shows. */
function explain(op: Op, error: Error): string {
  const code = 'code' in error ? error.code : undefined;
  const address = op.op === 'addLink' ? op.address : op.op === 'setLink' ? op.change.address : undefined;
  if (code === 'EADDRINUSE' || code === 'EBUSY') {
    return `${printOp(op)}: the MAC address ${address ?? 'of it'} is in use by another link on this parent; give one of them another`;
  }
  return `${printOp(op)}: ${error.message}`;
}

/** Child ops: one at a time, and a failure is only its own. */
function attempt(op: Op, hands: Hands, now: number): Error | undefined {
  try {
    if (op.op === 'kill') hands.children.stop(op.pid, op.signal, now);
    else if (op.op === 'signal') for (const signal of op.signals) hands.children.signal(op.pid, signal);
    else if (op.op === 'spawn') hands.children.spawn(op.name, op.argv, op.ifindex);
    else if (op.op === 'writeResolver') hands.writeResolver(op.text);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function turn(machine: Machine): Promise<void> {
  return new Promise((resolve) => void machine.runtime.setTimer(0, resolve));
}
