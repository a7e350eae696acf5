import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sleep, until } from '../../lab/lab.ts';
import { Router } from './router.ts';

const hotplug = suite('the hotplug scripts');
const NET = 'hotplug/net/30-macvlan';
const IFACE = 'hotplug/iface/30-macvlan';
const FOREIGN = 'a"b\\c';
let router: Router;
let commands: string;
let journal: string;

hotplug.before(async () => {
  router = await Router.start('qjs', "config macvlan 'ours'\n\toption interface 'ether1'\n");
  const { lab } = router;
  await until('our link', () => router.links().length === 1);
  lab.in(lab.router, 'ip', 'link', 'add', FOREIGN, 'type', 'veth', 'peer', 'name', 'other');
  lab.in(lab.isp, 'ip', 'link', 'add', 'doomed', 'link', 'wire', 'group', '28023', 'type', 'macvlan');
  journal = join(lab.folder, 'calls');
  const command = `'${process.execPath}' --import tsx test/live/ubus-command.ts '${lab.socket}' '${journal}' "$@"`;
  commands = folderWith('commands', command);
});
hotplug.after(() => router.close());

/** A folder for PATH with a ubus that does this. */
function folderWith(name: string, ubus: string): string {
  const folder = join(router.lab.folder, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'ubus'), `#!/bin/sh\nexec ${ubus}\n`, { mode: 0o755 });
  return folder;
}

type Environment = Record<string, string>;

/** What procd gives of a uevent, as Linux 6.18 sends it for a macvlan or a veth, and /sbin/hotplug-call of its path. */
function uevent(ACTION: string, INTERFACE: string, more: Environment = {}): Environment {
  const DEVPATH = `/devices/virtual/net/${INTERFACE}`;
  const event = { ACTION, INTERFACE, DEVPATH, IFINDEX: '7', SUBSYSTEM: 'net', SEQNUM: '4711', ...more };
  return { HOTPLUG_TYPE: 'net', ...event, DEVICENAME: event.DEVPATH.replace(/.*\//, '') };
}

/** A script as /sbin/hotplug-call has it: sourced by busybox' ash, in a namespace. */
function source(script: string, env: Environment, { ns = router.lab.router, path = commands } = {}) {
  const trace = join(router.lab.folder, 'trace');
  const strace = ['strace', '-qq', '-o', trace, '-e', 'trace=process'];
  const ash = ['busybox', 'ash', '-c', '. "$0"; echo "left with $?"', `./${script}`];
  const start = performance.now();
  // This waits for the end of its output too: who keeps it open holds up everybody.
  const { stdout, stderr } = spawnSync('ip', ['netns', 'exec', ns, ...strace, ...ash], {
    encoding: 'utf8',
    env: { ...env, PATH: `${path}:${process.env.PATH}` },
  });
  const took = performance.now() - start;
  assert.is(stderr, '');
  assert.is(stdout, 'left with 0\n');
  return { took, forks: readFileSync(trace, 'utf8').match(/^(clone3?|v?fork)\(/gm)?.length ?? 0 };
}

function calls(): { args: Environment; status: number }[] {
  if (!existsSync(journal)) return [];
  return readFileSync(journal, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** The call that comes of it, the only one. */
async function callOf(script: string, env: Environment): Promise<Environment> {
  const before = calls().length;
  assert.is(source(script, env).forks, 1);
  await until('the call', () => calls().length > before);
  const [call, ...more] = calls().slice(before);
  assert.equal(more, []);
  assert.equal(call, { path: 'macvlan', method: 'event', args: call!.args, status: 0 });
  return call!.args;
}

const ETHER1 = { ACTION: 'add', INTERFACE: 'ether1', DEVICENAME: 'ether1', DEVPATH: '/devices/virtual/net/ether1' };
const PORT = '/devices/platform/1e100000.ethernet/net/eth0';

const FORWARDED: [title: string, script: string, env: Environment, args: Environment][] = [
  ['a link that came', NET, uevent('add', 'ether1'), { ...ETHER1, IFINDEX: '7' }],
  [
    'a link that was renamed',
    NET,
    uevent('move', 'ether1', { DEVPATH_OLD: '/devices/virtual/net/eth7' }),
    { ...ETHER1, ACTION: 'move', DEVPATH_OLD: '/devices/virtual/net/eth7', IFINDEX: '7' },
  ],
  [
    'a port that went',
    NET,
    uevent('remove', 'eth0', { DEVPATH: PORT }),
    { ACTION: 'remove', INTERFACE: 'eth0', DEVICENAME: 'eth0', DEVPATH: PORT, IFINDEX: '7' },
  ],
  [
    'a VLAN that went',
    NET,
    uevent('remove', 'ether1', { DEVTYPE: 'vlan' }),
    { ...ETHER1, ACTION: 'remove', DEVTYPE: 'vlan', IFINDEX: '7' },
  ],
  [
    'a name with a quote and a backslash',
    NET,
    uevent('add', FOREIGN),
    {
      ACTION: 'add',
      INTERFACE: FOREIGN,
      DEVICENAME: FOREIGN,
      DEVPATH: `/devices/virtual/net/${FOREIGN}`,
      IFINDEX: '7',
    },
  ],
  [
    'an interface that is up',
    IFACE,
    { HOTPLUG_TYPE: 'iface', ACTION: 'ifup', INTERFACE: 'wan', DEVICE: 'ether1', DEVICENAME: '' },
    { ACTION: 'ifup', INTERFACE: 'wan', DEVICE: 'ether1' },
  ],
  [
    'an interface that is down',
    IFACE,
    { HOTPLUG_TYPE: 'iface', ACTION: 'ifdown', INTERFACE: 'wan', DEVICENAME: '' },
    { ACTION: 'ifdown', INTERFACE: 'wan' },
  ],
  [
    'an interface with another address',
    IFACE,
    { ACTION: 'ifupdate', INTERFACE: 'lan', DEVICE: FOREIGN, IFUPDATE_ADDRESSES: '1' },
    { ACTION: 'ifupdate', INTERFACE: 'lan', DEVICE: FOREIGN },
  ],
];
hotplug('forward nothing, and fork not, where macvland hears of links itself', () => {
  const before = calls().length;
  writeFileSync(join(router.lab.run, 'hotplug'), '');
  const env = { ...uevent('add', 'ether1'), MACVLAN_RUN: router.lab.run };
  assert.is(source(NET, env).forks, 0);
  assert.is(calls().length, before);
});

for (const [title, script, env, args] of FORWARDED) {
  hotplug(`tell macvland of ${title}, with one fork`, async () => {
    assert.equal(await callOf(script, env), args);
  });
}

const LEFT_ALONE: [title: string, script: string, env: Environment][] = [
  ['a link of ours that came', NET, uevent('add', 'ours')],
  ['a link of ours that was renamed', NET, uevent('move', 'ours', { DEVPATH_OLD: '/devices/virtual/net/x' })],
  ['a link that is gone and may have been ours', NET, uevent('remove', 'gone')],
  ['a line of ours that netifd has up', IFACE, { ACTION: 'ifup', INTERFACE: 'line', DEVICE: 'ours' }],
  ["mwan3's actions", IFACE, { ACTION: 'connected', INTERFACE: 'wan', DEVICE: 'ether1' }],
  ['nothing at all', NET, {}],
];
for (const [title, script, env] of LEFT_ALONE) {
  hotplug(`leave without a fork for ${title}`, () => {
    assert.is(source(script, env).forks, 0);
  });
}

hotplug('leave without a fork for a link of ours that is about to be deleted', () => {
  assert.is(source(NET, uevent('add', 'doomed'), { ns: router.lab.isp }).forks, 0);
});

hotplug('run nothing that stands in the environment, and break no message', async () => {
  const trap = join(router.lab.folder, 'trap');
  const bad = `"}' ;$(touch ${trap})\`touch ${trap}\`\\`;
  const args = await callOf(NET, { ACTION: 'add', INTERFACE: bad, DEVTYPE: `a\u0001b\n\tü€`, IFINDEX: '' });
  // Control characters, which no JSON has, become question marks.
  assert.equal(args, { ACTION: 'add', INTERFACE: bad, DEVTYPE: 'a?b??ü€' });
  assert.not(existsSync(trap));
});

hotplug('wait for no ubus that hangs, and leave it nothing that others wait for', () => {
  const hanging = folderWith('hanging', 'sleep 60');
  const { took, forks } = source(NET, uevent('add', 'ether1'), { path: hanging });
  assert.is(forks, 1);
  assert.ok(took < 2000, `${took} ms`);
});

hotplug('go by where there is no ubus', () => {
  assert.is(source(NET, uevent('add', 'ether1'), { path: '/nonexistent' }).forks, 1);
});

/** How often macvland asked the kernel for its links meanwhile. */
async function looksDuring(what: () => Promise<unknown>): Promise<number> {
  const trace = join(router.lab.folder, 'looks');
  const { daemonPid, router: ns } = router.lab;
  const attach = ['strace', '-qq', '-o', trace, '-e', 'trace=sendto', '-p', String(daemonPid)];
  const strace = spawn('ip', ['netns', 'exec', ns, ...attach]);
  const ended = new Promise((resolve) => strace.on('exit', resolve));
  try {
    await until('strace', () => /^TracerPid:\t[1-9]/m.test(readFileSync(`/proc/${daemonPid}/status`, 'utf8')));
    await what();
  } finally {
    strace.kill();
    await ended;
  }
  return readFileSync(trace, 'utf8').match(/RTM_GETLINK/g)?.length ?? 0;
}

hotplug('make macvland look again', async () => {
  await until('macvland to rest', async () => (await looksDuring(() => sleep(500))) === 0);
  // News is gathered for 50 ms.
  const looks = await looksDuring(() => callOf(NET, uevent('add', 'ether1')).then(() => sleep(500)));
  assert.ok(looks > 0);
});

hotplug('are the same in both folders, and shellcheck has nothing to say of any', () => {
  assert.is(readFileSync(IFACE, 'utf8'), readFileSync(NET, 'utf8'));
  const { stdout, status } = spawnSync('shellcheck', [NET, 'hotplug/udhcpc.script'], { encoding: 'utf8' });
  assert.is(stdout, '');
  assert.is(status, 0);
});

hotplug.run();
