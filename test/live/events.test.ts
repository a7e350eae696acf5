import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { Router } from './router.ts';

/** What the scripts of /etc/hotplug.d/macvlan hear of lines. */
const events = suite('hotplug events of lines');
let router: Router;
let folder: string;
let path: string;
let heard: string;

events.before(async () => {
  router = await Router.start('qjs', "config macvlan 'm1'\n\toption interface 'ether1'\n\toption name 'line 1'\n");
  const { lab } = router;
  heard = join(lab.folder, 'heard');
  folder = join(lab.config, '../hotplug.d/macvlan');
  const commands = join(lab.folder, 'commands');
  mkdirSync(commands);
  // As OpenWrt's own: each script of the folder is sourced, one after the other.
  const call = `#!/bin/sh\nexport HOTPLUG_TYPE=$1\nfor script in '${join(lab.config, '../hotplug.d')}'/"$1"/*; do (. "$script"); done\n`;
  writeFileSync(join(commands, 'hotplug-call'), call, { mode: 0o755 });
  path = `${commands}:${process.env.PATH}`;
  await lab.stopDaemon('SIGTERM');
  await router.startDaemon({ path });
  await router.call('macvlan.dhcp_client', 'add', { interface: 'line 1' });
  await router.bound(1);
});
events.after(() => router.close());

/** `ACTION TYPE INTERFACE DEVICE ADDRESS GATEWAY` of each call. */
function lines(): string[] {
  return existsSync(heard) ? readFileSync(heard, 'utf8').split('\n').slice(0, -1) : [];
}

async function hears(...expected: string[]): Promise<void> {
  await until(`${expected}`, () => lines().length >= expected.length).catch(() => {});
  assert.equal(lines(), expected);
  writeFileSync(heard, '');
}

const VARIABLES = '$HOTPLUG_TYPE $ACTION $TYPE $INTERFACE|$DEVICE $ADDRESS $GATEWAY';
const UP = 'macvlan up macvlan line 1|line-1-9669  ';
let bound: string;

events('without the folder nothing is called', async () => {
  const { ops } = await router.call('macvlan', 'plan');
  assert.equal(ops, []);
});

events('with it what is there is told once', async () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '50-new'), `echo "${VARIABLES}" >> ${heard}\n`);
  await router.call('macvlan', 'reload');
  const [{ address, gateway }] = (await router.list('dhcp_client')) as [Record<string, string>];
  bound = `macvlan bound dhcp_client line 1|line-1-9669 ${address!.split('/')[0]} ${gateway}`;
  await hears(UP, bound);
});

events('a renewal that changes nothing is not told, nor is another daemon', async () => {
  await router.call('macvlan.dhcp_client', 'renew', { id: 'dhcp_client_1' });
  await router.lab.stopDaemon('SIGKILL');
  await router.startDaemon({ path });
  await router.bound(1);
  await router.call('macvlan.dhcp_client', 'release', { id: 'dhcp_client_1' });
  await hears(bound.replace('bound', 'lost'), bound);
});

events('a slow script holds up nobody, and hears the last of what it missed', async () => {
  const gate = join(router.lab.folder, 'gate');
  writeFileSync(join(folder, '10-slow'), `while [ ! -e ${gate} ]; do sleep 0.1; done\n`);
  for (const method of ['disable', 'enable', 'disable'])
    await router.call('macvlan.dhcp_client', method, { id: 'dhcp_client_1' });
  await router.call('macvlan', 'disable', { id: 'm1' });
  assert.equal(lines(), []);
  writeFileSync(`${gate}.new`, '');
  renameSync(`${gate}.new`, gate);
  await hears(bound.replace('bound', 'lost'), UP.replace('up', 'down'));
});

events.run();
