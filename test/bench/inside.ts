import { apply, type Hands } from '../../src/daemon/apply.ts';
import { deleteLinks } from '../../src/daemon/kernel.ts';
import { Observer } from '../../src/daemon/observe.ts';
import { Turns } from '../../src/daemon/turns.ts';
import { complete } from '../../src/model/complete.ts';
import { emptyConfig, readConfig } from '../../src/model/config.ts';
import { learn, noFacts } from '../../src/model/facts.ts';
import { OUR_GROUP, type Seen } from '../../src/model/seen.ts';
import { Netlink } from '../../src/netlink/conn.ts';
import { addLink } from '../../src/netlink/link.ts';
import { type Machine, openMachine } from '../../src/runtime/machine.ts';
import type { Libc, Runtime } from '../../src/runtime/runtime.ts';
import { edit } from '../../src/uci/edit.ts';
import { decodeLossless } from '../../src/uci/lossless.ts';
import { parse } from '../../src/uci/parse.ts';
import { menus } from '../helpers/menus.ts';
import { NOTHING_SEEN } from '../helpers/seen.ts';
import { lastLink, mac } from './configs.ts';
import { decideAll, settled, worldOf } from './worlds.ts';

/** What the daemon does, by the same functions and under the engine that it runs on, with a stopwatch around each. */
const JOBS: Readonly<Record<string, (machine: Machine, argument: string) => Promise<Round> | Round>> = {
  create,
  delete: deleteAll,
  phases,
  write,
  decode,
  plan,
};

/** Milliseconds by name; printed as JSON. */
type Round = Record<string, number>;

export async function inside(runtime: Runtime): Promise<void> {
  const [job = '', argument = ''] = runtime.args;
  const round = await JOBS[job]!(await openMachine(runtime), argument);
  runtime.print(1, `${JSON.stringify(round)}\n`);
  runtime.exit(0);
}

function timed<T>(round: Round, name: string, work: () => T): T {
  const start = performance.now();
  const result = work();
  round[name] = performance.now() - start;
  return result;
}

/** So many macvlans by the library alone. */
function create(machine: Machine, count: string): Round {
  const netlink = new Netlink(machine);
  const link = netlink.link({ ifname: 'ether1' })!.index;
  const linkinfo = { kind: 'macvlan', macvlan: { mode: 'bridge' } } as const;
  const requests = Array.from({ length: Number(count) }, (_, n) =>
    addLink({ ifname: `m${n}`, link, address: mac(n), mtu: 1500, group: OUR_GROUP, up: true, linkinfo }),
  );
  const refused = netlink.execute(requests).find((error) => error !== undefined);
  if (refused) throw refused;
  return {};
}

/** All macvlans, deleted as the daemon does it when no other is left. */
function deleteAll(machine: Machine): Round {
  const error = deleteLinks(new Netlink(machine), true);
  if (error) throw error;
  return {};
}

/** From a configuration file to all links up, step by step. */
async function phases(machine: Machine, path: string): Promise<Round> {
  const round: Round = {};
  let inKernel = 0;
  const send: Libc['send'] = (...args) => {
    const start = performance.now();
    const sent = machine.libc.send(...args);
    inKernel += performance.now() - start;
    return sent;
  };
  const netlink = new Netlink({ ...machine, libc: { ...machine.libc, send } });
  const text = timed(round, 'read', () => decodeLossless(machine.files.read(path)!));
  const document = timed(round, 'parse', () => parse(text));
  const read = timed(round, 'config', () => readConfig(document, menus));
  const observer = new Observer(machine, netlink, () => {});
  const look = (): Seen => {
    observer.outdate();
    return { ...NOTHING_SEEN, ...observer.look() };
  };
  const seen = timed(round, 'look', look);
  const world = worldOf(read, seen, noFacts());
  const { config } = timed(round, 'complete', () => complete(read, menus, new Map(), world));
  const { ops } = timed(round, 'plan', () => decideAll({ ...world, config }));
  const hands = { machine, netlink, turns: new Turns(machine), log: undefined } as unknown as Hands;
  inKernel = 0;
  const start = performance.now();
  const failed = (await apply(ops, hands)).find(({ type }) => type === 'failed');
  round.apply = performance.now() - start;
  round.kernel = inKernel;
  if (failed) throw new Error(JSON.stringify(failed));
  const after = timed(round, 'look again', look);
  const rest = timed(round, 'plan again', () => decideAll(worldOf(config, after, noFacts())));
  if (rest.ops.length > 0) throw new Error(`not settled: ${JSON.stringify(rest.ops[0])}`);
  return round;
}

/** What a change of the file takes beside looking, planning and the disk. */
function write(machine: Machine, path: string): Round {
  const round: Round = {};
  const text = machine.files.readText(path)!;
  const document = timed(round, 'parse', () => parse(text));
  timed(round, 'config', () => readConfig(document, menus));
  const section = 'macvlan_new';
  timed(round, 'edit', () =>
    edit(
      text,
      [
        { kind: 'add', type: 'macvlan', name: section },
        { kind: 'set', section, option: 'interface', value: 'ether1' },
        { kind: 'set', section, option: 'mac_address', value: mac(65535) },
      ],
      document,
    ),
  );
  return round;
}

/** A dump of the links that are there, from the kernel and from memory. */
function decode(machine: Machine, count: string): Round {
  const round: Round = {};
  const packets: ArrayBuffer[] = [];
  const { libc } = machine;
  const record: Libc['recv'] = (fd, out, offset, length, flags) => {
    const received = libc.recv(fd, out, offset, length, flags);
    if (received > 0) packets.push(out.slice(offset, offset + received));
    return received;
  };
  const replay: Libc['recv'] = (_fd, out, offset) => {
    const packet = packets.shift()!;
    new Uint8Array(out, offset).set(new Uint8Array(packet));
    return packet.byteLength;
  };
  new Netlink({ ...machine, libc: { ...libc, recv: record } }).links();
  timed(round, 'with the kernel', () => new Netlink(machine).links());
  // A new connection counts its requests from the same number, so that the recorded answers are to it.
  const netlink = new Netlink({ ...machine, libc: { ...libc, recv: replay } });
  const links = timed(round, 'decoding alone', () => netlink.links());
  if (!links.some(({ ifname }) => ifname === lastLink(Number(count)))) throw new Error('not all links were decoded');
  return round;
}

/** Plans for a file: of the first pass, of one that finds all as it should be, and of one after a renewal that changed nothing. */
function plan(machine: Machine, path: string): Round {
  const round: Round = {};
  const config = readConfig(parse(machine.files.readText(path)!), menus);
  const first = worldOf(config, NOTHING_SEEN, noFacts());
  const world = settled(first);
  timed(round, 'nothing there yet', () => decideAll({ ...world, seen: { ...world.seen, children: [] } }));
  // What was looked at anew is compared from the start.
  const anew = { ...world.seen, routes: [...world.seen.routes], rules: [...world.seen.rules] };
  const { ops } = timed(round, 'nothing to do', () => decideAll({ ...world, seen: anew }));
  if (ops.length > 0) throw new Error(`not settled: ${JSON.stringify(ops[0])}`);
  for (const [key, news] of [...world.facts.news].slice(0, 1)) {
    const facts = learn(world.facts, { type: 'news', key, news: { ...news, verb: 'renew' } });
    timed(round, 'one lease renewed', () => decideAll({ ...world, seen: anew, facts }));
  }
  timed(round, 'all to go', () => decideAll({ ...world, config: emptyConfig }));
  return round;
}
