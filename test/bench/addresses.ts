import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addresses, addressOf, batch, batchOfAddresses, macvlans, routedLines } from './configs.ts';
import { heading, medians, ms, print, type Round, row, times, within } from './numbers.ts';
import { Place, processorTime } from './place.ts';
import type { Daemon, Router } from './router.ts';

/** So many macvlans with an address each, in a subnet of its own. */
const MANY = 1000;

/** One way to have them: what the daemon reads, what `ip` is given for it, and how the last of them is known. */
interface Kind {
  readonly title: string;
  readonly config: string;
  readonly batch: string;
  readonly last: readonly string[];
}

const LAST = addressOf(MANY - 1);
const KINDS: readonly Kind[] = [
  {
    title: `${MANY} macvlans with a static address each, without source routing`,
    config: `${macvlans(MANY)}\n${addresses(MANY, "option source_routing '0'")}`,
    batch: batch(MANY) + batchOfAddresses(MANY, false),
    last: ['ip', '-o', 'address', 'show', 'dev', `m${MANY - 1}`, 'to', LAST],
  },
  {
    title: `The same with a gateway and source routing: a table with two routes and two rules each`,
    config: routedLines(MANY),
    batch: batch(MANY) + batchOfAddresses(MANY, true),
    last: ['ip', 'rule', 'show', 'from', LAST],
  },
];

export async function manyAddresses(router: Router, folder: string, rounds: number, budget: number): Promise<void> {
  for (const kind of KINDS) {
    const path = join(folder, 'batch');
    writeFileSync(path, kind.batch);
    const contenders = {
      'ip -batch': async (place: Place) => byIp(place, path),
      'the daemon': (place: Place) => byDaemon(place, router, kind),
      'its reload': (place: Place) => byReload(place, router, kind, false),
      'its reload while others call': (place: Place) => byReload(place, router, kind, true),
    };
    const found = Object.entries(contenders).map(([name, round]) => ({ name, round, rounds: [] as Round[] }));
    for (let n = 0; n < rounds; n++)
      for (const { round, rounds } of found) {
        const place = await Place.open();
        rounds.push(await round(place));
        await place.close();
      }
    heading(`${kind.title}, until the last is there`);
    row('', 'clock', 'to ip', 'processor', 'to ip', 'calls wait');
    const [ip] = found.map(({ rounds }) => medians(rounds));
    for (const { name, rounds } of found) {
      const { up, processor, wait } = medians(rounds);
      const ratios = [ms(up!), times(up! / ip!.up!), ms(processor!), times(processor! / ip!.processor!)];
      row(name, ...ratios, ...(wait ? [ms(wait)] : []));
    }
    const { up } = medians(found[2]!.rounds);
    print(`  from the reload: ${within(up! / ip!.up!, budget, `${times(budget)} of ip -batch`)}`);
  }
  print(
    '  The daemon also sets arp_ignore, arp_announce and rp_filter of each line, which `ip` cannot, and marks 255.',
  );
}

function byIp(place: Place, path: string): Round {
  const { took: up, processor } = place.run('ip', '-batch', path);
  return { up, processor };
}

async function byDaemon(place: Place, router: Router, kind: Kind): Promise<Round> {
  const start = performance.now();
  const daemon = router.start('qjs', place, kind.config);
  await appeared(place, kind);
  const up = performance.now() - start;
  return ended(daemon, place, { up, processor: used(daemon) });
}

/** The same for a daemon that had nothing to do so far; `wait`: how long others who call all the time are not answered. */
async function byReload(place: Place, router: Router, kind: Kind, isCalled: boolean): Promise<Round> {
  const daemon = router.start('qjs', place, '');
  await daemon.onBus;
  await daemon.quiet();
  router.configure(kind.config);
  const before = used(daemon);
  const start = performance.now();
  const reloaded = daemon.call('reload');
  const wait = isCalled ? daemon.longestWait(reloaded) : 0;
  await appeared(place, kind);
  const round = { up: performance.now() - start, processor: used(daemon) - before };
  await reloaded;
  return ended(daemon, place, { ...round, wait: await wait });
}

/** With what ran for it. */
function used(daemon: Daemon): number {
  return daemon.processor() + processorTime(daemon.child.pid!, 'children');
}

/** Not looked at too often: each look takes the processor from who is measured. */
async function appeared(place: Place, { last: [program, ...args] }: Kind): Promise<void> {
  await place.appeared(`m${MANY - 1}`);
  for (const end = performance.now() + 60_000; performance.now() < end; await sleep(25))
    if (place.run(program!, ...args).stdout !== '') return;
  throw new Error(`${LAST} did not appear within a minute`);
}

async function ended(daemon: Daemon, place: Place, round: Round): Promise<Round> {
  await daemon.quiet();
  const there = place.run('ip', '-o', '-4', 'address', 'show').stdout.match(/inet 10\./g)?.length;
  if (there !== MANY) throw new Error(`${there} of ${MANY} addresses are there`);
  await daemon.call('shutdown');
  await daemon.stop();
  return round;
}
