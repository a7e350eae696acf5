import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { menus } from '../helpers/menus.ts';

/** What lands on a router beside the bundles. */
const files = suite('files');
const READS = ['list', 'status', 'plan', 'diagnose', 'leases'];
const WRITES = ['add', 'set', 'remove', 'enable', 'disable'];
/** For hotplug scripts and the init script, which are root. */
const NOT_FOR_SESSIONS = ['event', 'shutdown'];

type Group = { ubus: Record<string, string[]>; uci?: string[] };
const rights = (path: string) =>
  Object.values(JSON.parse(readFileSync(path, 'utf8')))[0] as { read: Group; write: Group };

for (const path of [
  'files/usr/share/rpcd/acl.d/macvlan.json',
  'package-feed/luci-app-macvlan/root/usr/share/rpcd/acl.d/luci-app-macvlan.json',
])
  files(`${path}: every method is in one group, and reading gives no way to write`, () => {
    const { read, write } = rights(path);
    assert.is(read.uci, undefined);
    // Of LuCI's own a page needs to know of devices, and to start the daemon.
    const { 'luci-rpc': devices = ['getNetworkDevices'], ...seen } = read.ubus;
    assert.equal(devices, ['getNetworkDevices']);
    assert.equal(write.ubus.luci ?? ['setInitAction'], ['setInitAction']);
    assert.equal(Object.keys(seen).sort(), menus.map(({ object }) => object).sort());
    for (const { object, methods } of menus) {
      const all = ['list', ...WRITES, ...methods].filter((name) => !NOT_FOR_SESSIONS.includes(name));
      assert.equal(read.ubus[object]!.slice().sort(), all.filter((name) => READS.includes(name)).sort(), object);
      assert.equal(write.ubus[object]!.slice().sort(), all.filter((name) => !READS.includes(name)).sort(), object);
    }
  });

files('scripts are understood by busybox and pass shellcheck', () => {
  const listed = execFileSync('git', ['ls-files', '-s', 'files', 'hotplug', 'package-feed'], { encoding: 'utf8' });
  const scripts = listed
    .split('\n')
    .map((line) => line.split('\t')[1]!)
    .filter((path) => path && /^#!\/bin\/sh/.test(readFileSync(path, 'utf8')));
  assert.ok(scripts.length >= 7, scripts.join());
  for (const path of scripts) execFileSync('busybox', ['ash', '-n', path]);
  execFileSync('shellcheck', ['-s', 'dash', '-e', 'SC1091', ...scripts], { stdio: ['ignore', 'inherit', 'inherit'] });
});

files('the units are ones for systemd', () => {
  const units = ['macvland', 'macvlan-ubusd'].map((name) => `files/usr/lib/systemd/system/${name}.service`);
  for (const unit of units) {
    const text = readFileSync(unit, 'utf8');
    assert.match(text, /^\[Unit\]\n[\s\S]*\n\[Service\]\n[\s\S]*\n\[Install\]\nWantedBy=multi-user\.target\n$/);
  }
  assert.match(readFileSync(units[0]!, 'utf8'), /^KillMode=process$/m, 'lines outlive the daemon');
});

files('every package has the version of package.json', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const path of ['net/macvlan', 'net/macvlan-libc', 'base/macvlan-keyring', 'luci-app-macvlan']) {
    const [, found] = /^PKG_VERSION:=(.*)$/m.exec(readFileSync(`package-feed/${path}/Makefile`, 'utf8'))!;
    assert.is(found, version, path);
  }
});

files.run();
