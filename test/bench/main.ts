import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { manyAddresses } from './addresses.ts';
import { batch, clients, lastLink, macvlans, routedLines } from './configs.ts';
import { fiftyLines } from './lines.ts';
import { heading, kB, median, medians, ms, print, type Round, row, times, within } from './numbers.ts';
import { Place } from './place.ts';
import { buildInside, insideOf, program, QJS, RUNTIMES, type RuntimeName } from './programs.ts';
import { type Daemon, Router } from './router.ts';

/** The limits that this project has set itself. */
const BUDGET = { bundle: 130_000, rss: 4500, sleeps: 0, creation: 1.2, list: 100, blocked: 100 };
/** What a router with macvlans and DHCP clients loads beside the bundle. */
const PARTS_OF_LINES = ['dhcp_client', 'lines', 'tool'];
const MANY = 1000;
const HALF = 500;
const IDLE = 5000;

const [folder = '', given = '3'] = process.argv.slice(2);
const rounds = Number(given);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('usage: npm run bench [-- ROUNDS]');
await buildInside();
const router = await Router.open(folder);
print(`Medians of ${rounds} rounds, taken in turn. Compare the columns of one run, not the numbers of two.`);
sizes();
await startUp();
await manyLinks();
await manyAddresses(router, folder, rounds, BUDGET.creation);
await livingWith();
await fiftyLines(router, folder, rounds);
await phases();
await writes();
await decoding();
await planning();
await router.close();

function sizes(): void {
  heading('Sizes');
  const size = (path: string) => statSync(path).size;
  const bundle = size('dist/qjs/macvland.mjs');
  row('dist/qjs/macvland.mjs', kB(bundle), within(bundle, BUDGET.bundle, kB(BUDGET.bundle)));
  const part = (name: string) => size(`dist/qjs/macvland.${name}.mjs`);
  const lines = bundle + PARTS_OF_LINES.reduce((sum, name) => sum + part(name), 0);
  row('  in memory with macvlans and DHCP clients', kB(lines));
  row('  and once it has written its file', kB(lines + part('writing')));
  for (const name of readdirSync('dist/qjs').filter((name) => /^macvland\.\w+\.mjs$/.test(name)))
    row(`  ${name}`, kB(size(`dist/qjs/${name}`)));
  for (const path of ['dist/qjs/macvlan.mjs', 'dist/qjs/libc.so']) row(path, kB(size(path)));
  row('the engine (qjs)', kB(size(QJS)));
}

async function startUp(): Promise<void> {
  const found: Record<RuntimeName, Round[]> = { qjs: [], node: [] };
  for (let n = 0; n < rounds; n++) for (const runtime of RUNTIMES) found[runtime].push(await started(runtime, n === 0));
  const [qjs, node] = [medians(found.qjs), medians(found.node)];
  heading('Start and rest, with an empty configuration');
  row('', 'qjs', 'node', 'node / qjs');
  for (const name of ['--version', 'on the bus'])
    row(name, ms(qjs[name]!), ms(node[name]!), times(node[name]! / qjs[name]!));
  for (const name of ['RSS', 'PSS']) row(name, `${qjs[name]} kB`, `${node[name]} kB`, times(node[name]! / qjs[name]!));
  row(`sleeps interrupted in ${IDLE / 1000} idle seconds`, `${found.qjs[0]!.sleeps}`, `${found.node[0]!.sleeps}`);
  print(
    `  qjs: RSS ${within(qjs.RSS!, BUDGET.rss, `${BUDGET.rss} kB`)}, ${within(found.qjs[0]!.sleeps!, BUDGET.sleeps, `${BUDGET.sleeps} sleeps`)}`,
  );
}

async function started(runtime: RuntimeName, idle: boolean): Promise<Round> {
  const place = await Place.open();
  const version = place.run(...program(runtime, `${runtime}/macvland.mjs`), '--version').took;
  const start = performance.now();
  const daemon = router.start(runtime, place, '');
  await daemon.onBus;
  const onBus = performance.now() - start;
  await daemon.quiet();
  const before = daemon.sleeps();
  if (idle) await sleep(IDLE);
  const { rss, pss } = daemon.memory();
  const round = { '--version': version, 'on the bus': onBus, RSS: rss, PSS: pss, sleeps: daemon.sleeps() - before };
  await daemon.stop();
  await place.close();
  return round;
}

async function manyLinks(): Promise<void> {
  writeFileSync(join(folder, 'batch'), batch(MANY));
  const contenders = { 'ip -batch': byIp, 'our library': byLibrary, 'the daemon': byDaemon, 'its reload': byReload };
  const found = Object.entries(contenders).map(([name, round]) => ({ name, round, rounds: [] as Round[] }));
  for (let n = 0; n < rounds; n++) for (const { round, rounds } of found) rounds.push(await inPlace(round));
  const [ip, library, daemon, reload] = found.map(({ rounds }) => medians(rounds));
  heading(
    `${MANY} macvlans, from the start of the program to all up; and all deleted. Beside the clock, the processor's time`,
  );
  row('', 'created', 'to ip', 'processor', 'to ip', 'deleted', 'to ip');
  for (const { name, rounds } of found) {
    const { created, processor, deleted } = medians(rounds);
    const cells = [ms(created!), times(created! / ip!.created!), ms(processor!), times(processor! / ip!.processor!)];
    row(name, ...cells, ms(deleted!), times(deleted! / ip!.deleted!));
  }
  const verdict = (ratio: number) => within(ratio, BUDGET.creation, `${times(BUDGET.creation)} of ip -batch`);
  print(`  our library, the whole program: ${verdict(library!.created! / ip!.created!)}`);
  print(
    `  the daemon, which also starts up, reads ${MANY} sections and looks first: ${verdict(daemon!.created! / ip!.created!)}`,
  );
  print(`  the daemon that runs already, from the reload of the file: ${verdict(reload!.created! / ip!.created!)}`);
  print(`  the daemon: ${ms(daemon!.settled!)} of the processor from its start until it sleeps`);
}

/** With so many of them: what others wait for meanwhile, a list, one change, memory. */
async function livingWith(): Promise<void> {
  const found: Round[] = [];
  for (let n = 0; n < rounds; n++) found.push(await inPlace(lived));
  const { creating, deleting, list, processor, change, memory } = medians(found);
  heading(`One daemon with ${MANY} macvlans`);
  row('the longest that a call waits while they are made', ms(creating!), within(creating!, BUDGET.blocked, '100 ms'));
  row('the same while they are deleted', ms(deleting!), within(deleting!, BUDGET.blocked, '100 ms'));
  row('all pages of list, with counters', ms(list!));
  row('  of it the processor of the daemon', ms(processor!), within(processor!, BUDGET.list, '100 ms'));
  row('one of them changed, answered when it is done', ms(change!));
  row('memory (RSS) of each', `${memory!.toFixed(2)} kB`);
}

async function lived(place: Place): Promise<Round> {
  const empty = router.start('qjs', place, '');
  await empty.onBus;
  await empty.quiet();
  const { rss } = empty.memory();
  await empty.stop();
  const daemon = router.start('qjs', place, macvlans(MANY));
  await daemon.onBus;
  const creating = await daemon.longestWait(place.appeared(lastLink(MANY)));
  await daemon.quiet();
  all(place);
  const memory = (daemon.memory().rss - rss) / MANY;
  const before = daemon.processor();
  const list = await timedCall(() => listAll(daemon));
  const processor = daemon.processor() - before;
  const change = await timedCall(() => daemon.call('set', { name: lastLink(MANY), mtu: 1400 }));
  await daemon.quiet();
  const deleting = await daemon.longestWait(daemon.call('shutdown'));
  await daemon.stop();
  return { creating, deleting, list, processor, change, memory };
}

async function timedCall(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}

async function listAll(daemon: Daemon): Promise<void> {
  for (let offset = 0; offset < MANY; ) {
    const { macvlan } = await daemon.call('list', { offset });
    offset += (macvlan as unknown[]).length;
  }
}

async function inPlace(round: (place: Place) => Round | Promise<Round>): Promise<Round> {
  const place = await Place.open();
  const result = await round(place);
  await place.close();
  return result;
}

function all(place: Place): void {
  if (place.linksUp() !== MANY) throw new Error(`${place.linksUp()} of ${MANY} links are up`);
}

function byIp(place: Place): Round {
  const { took: created, processor } = place.run('ip', '-batch', join(folder, 'batch'));
  all(place);
  return { created, processor, deleted: place.run('ip', 'link', 'delete', 'group', '28022').took };
}

function byLibrary(place: Place): Round {
  const inside = (...args: string[]) => place.run(...program('qjs', insideOf('qjs')), ...args);
  const { took: created, processor } = inside('create', String(MANY));
  all(place);
  return { created, processor, deleted: inside('delete').took };
}

async function byDaemon(place: Place): Promise<Round> {
  const start = performance.now();
  const daemon = router.start('qjs', place, macvlans(MANY));
  await place.appeared(lastLink(MANY));
  const created = performance.now() - start;
  const processor = daemon.processor();
  await daemon.quiet();
  all(place);
  const settled = daemon.processor();
  const before = performance.now();
  await daemon.call('shutdown');
  const deleted = performance.now() - before;
  await daemon.stop();
  return { created, processor, settled, deleted };
}

/** The same for a daemon that had nothing to do so far. */
async function byReload(place: Place): Promise<Round> {
  const daemon = router.start('qjs', place, '');
  await daemon.onBus;
  await daemon.quiet();
  router.configure(macvlans(MANY));
  const idle = daemon.processor();
  const start = performance.now();
  const reloaded = daemon.call('reload');
  await place.appeared(lastLink(MANY));
  const created = performance.now() - start;
  const processor = daemon.processor() - idle;
  await reloaded;
  await daemon.quiet();
  all(place);
  const before = performance.now();
  await daemon.call('shutdown');
  const deleted = performance.now() - before;
  await daemon.stop();
  return { created, processor, deleted };
}

/** A job of inside.ts under both engines in turn, each time in a place of its own, after what is to be there already. */
async function insideRounds(prepare: string[], ...job: string[]): Promise<Record<RuntimeName, Round>> {
  const found: Record<RuntimeName, Round[]> = { qjs: [], node: [] };
  const round = (runtime: RuntimeName) => (place: Place) => {
    if (prepare.length > 0) place.run(...prepare);
    return JSON.parse(place.run(...program(runtime, insideOf(runtime)), ...job).stdout) as Round;
  };
  for (let n = 0; n < rounds; n++) for (const runtime of RUNTIMES) found[runtime].push(await inPlace(round(runtime)));
  return { qjs: medians(found.qjs), node: medians(found.node) };
}

async function phases(): Promise<void> {
  const path = join(folder, 'many');
  writeFileSync(path, macvlans(MANY));
  const { qjs, node } = await insideRounds([], 'phases', path);
  const { kernel, ...steps } = qjs;
  const sum = Object.values(steps).reduce((a, b) => a + b);
  const share = (time: number) => `${Math.round((100 * time) / sum)} %`;
  heading(`Where the time goes with ${MANY} sections`);
  row('', 'qjs', 'part', 'node');
  for (const [name, time] of Object.entries(steps)) {
    row(name, ms(time), share(time), ms(node[name]!));
    if (name === 'apply') row('  of it in the kernel', ms(kernel!), share(kernel!), ms(node.kernel!));
  }
}

async function writes(): Promise<void> {
  heading('One add over ubus, answered when it is done; under it what grows with the file, each once');
  row('sections', 'add', 'parse', 'config', 'edit');
  for (const count of [10, 100, MANY]) {
    const path = join(folder, 'written');
    writeFileSync(path, macvlans(count));
    const { parse, config, edit } = (await insideRounds([], 'write', path)).qjs;
    row(String(count), ms(await add(count)), ms(parse!), ms(config!), ms(edit!));
  }
}

/** Several in a row to one daemon, each taken away again. */
async function add(count: number): Promise<number> {
  const place = await Place.open();
  const daemon = router.start('qjs', place, macvlans(count));
  await daemon.onBus;
  await place.appeared(lastLink(count));
  await daemon.quiet();
  const took: number[] = [];
  for (let n = 0; n < rounds; n++) {
    const start = performance.now();
    const { id } = await daemon.call('add', { interface: 'ether1' });
    took.push(performance.now() - start);
    await daemon.call('remove', { id: id! });
    await daemon.quiet();
  }
  await daemon.stop();
  await place.close();
  return median(took);
}

async function decoding(): Promise<void> {
  const path = join(folder, 'half');
  writeFileSync(path, batch(HALF));
  both(`A dump of ${HALF} links`, await insideRounds(['ip', '-batch', path], 'decode', String(HALF)));
}

async function planning(): Promise<void> {
  const path = join(folder, 'clients');
  writeFileSync(path, `${macvlans(HALF)}\n${clients(HALF)}`);
  both(`A plan for ${HALF} macvlans with a DHCP client each`, await insideRounds([], 'plan', path));
  writeFileSync(path, routedLines(MANY));
  both(`A plan for ${MANY} macvlans with an address and a gateway each`, await insideRounds([], 'plan', path));
}

function both(title: string, { qjs, node }: Record<RuntimeName, Round>): void {
  heading(title);
  row('', 'qjs', 'node');
  for (const name of Object.keys(qjs)) row(name, ms(qjs[name]!), ms(node[name]!));
}
