import { menus } from '../menus/index.ts';
import { VERSION } from '../model/version.ts';
import { Netlink } from '../netlink/conn.ts';
import { RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_LINK } from '../netlink/constants.ts';
import { type Machine, openMachine } from '../runtime/machine.ts';
import type { Runtime, Timer } from '../runtime/runtime.ts';
import { UbusClient } from '../ubus/client.ts';
import { ConfigFile } from './configfile.ts';
import { lockRunDir } from './lock.ts';
import { Loop } from './loop.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { type Served, serve } from './serve.ts';

/** How long it is waited for the bus to say whether there is a netifd, in ms. */
const BUS_PATIENCE = 1000;

/** macvland, whole: read the arguments, and do one of four things. */
export async function main(runtime: Runtime): Promise<void> {
  const options = attempt(runtime, () => readOptions(runtime.args), 2);
  if (options.mode === 'version') {
    runtime.print(1, `macvland ${VERSION}\n`);
    return;
  }
  const machine = await openMachine(runtime);
  const runDir = attempt(runtime, () => absolute(machine, options.runDir), 1);
  if (options.mode !== 'plan') attempt(runtime, () => lockRunDir(machine, runDir), 1);
  if (options.mode === 'run') return run(machine, { ...options, runDir });
  await (await import('./once.ts'))[options.mode](runtime, openLoop(machine, { ...options, runDir }));
}

function openLoop(machine: Machine, { configDir, runDir }: Options, netlink = new Netlink(machine)): Loop {
  const log = logOf(machine.runtime);
  const debug = machine.runtime.env('MACVLAN_DEBUG') ? log : undefined;
  const file = new ConfigFile(machine, configDir, runDir, menus);
  const listeners = `${configDir}/../hotplug.d/macvlan`;
  return new Loop({ machine, netlink, file, menus, runDir, listeners, log, debug });
}

/** syslog's, by way of procd. */
function logOf(runtime: Runtime): (text: string) => void {
  return (text) => runtime.print(2, `macvland: ${text}\n`);
}

function run(machine: Machine, options: Options): void {
  const { runtime } = machine;
  const log = logOf(runtime);
  const netlink = new Netlink(machine);
  const loop = openLoop(machine, options, netlink);
  netlink.subscribe([RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_RULE], (change) =>
    loop.news(change),
  );
  const served: Served = { machine, netlink, loop, menus, closing: false, log };
  const ubus = UbusClient.connect(machine, options.socket, { reconnect: true, log });
  const parties = { ubus, machine, loop, log, ...options };
  const known = meetNetifd(ubus, async () => (await import('./netifd.ts')).meet(parties));
  // Every line stays up: the next start takes them over.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) runtime.onSignal(signal, () => runtime.exit(0));
  runtime.onSignal('SIGHUP', () => {
    if (!served.closing) loop.reload().catch((error: Error) => log(error.message));
  });
  // What an earlier life told it is not to be done once more; without a bus there is nobody to wait for.
  let patience: Timer;
  Promise.race([known, new Promise<void>((resolve) => (patience = runtime.setTimer(BUS_PATIENCE, resolve)))])
    .catch((error: Error) => log(error.message))
    .then(() => {
      runtime.clearTimer(patience);
      loop.start(() => serve(ubus, served));
    });
  log(`${VERSION} runs (${runtime.name})`);
}

/** OpenWrt's netifd is met when it is there: what speaks with it is read then. Resolves when that is known. */
async function meetNetifd(ubus: UbusClient, meet: () => Promise<void>): Promise<void> {
  let meeting: Promise<void> | undefined;
  const found = () => {
    meeting ??= meet();
    return meeting;
  };
  ubus.listen('ubus.object.add', (_event, { path }) => path === 'network' && found()).catch(() => {});
  await ubus.ready();
  if ((await ubus.lookup('network')).length > 0) await found();
}

/** Children outlive our working directory, and are known by this path. */
function absolute({ libc }: Machine, path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  if (trimmed.startsWith('/')) return trimmed;
  const buffer = new ArrayBuffer(4096);
  const length = libc.readlink('/proc/self/cwd', buffer);
  const cwd = String.fromCharCode(...new Uint8Array(buffer, 0, Math.max(0, length)));
  return `${cwd}/${trimmed}`;
}

/** What cannot be at all is one sentence and an exit status. */
function attempt<T>(runtime: Runtime, fn: () => T, status: number): T {
  try {
    return fn();
  } catch (error) {
    logOf(runtime)((error as Error).message + (status === 2 ? `\n${USAGE}` : ''));
    return runtime.exit(status);
  }
}
