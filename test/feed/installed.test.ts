import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Lab, until } from '../../lab/lab.ts';
import { Installed } from './installed.ts';

/** The packages of the feed, in place, with the engine and the C library that they have on a router. */
const installed = suite('installed from the feed');
let lab: Lab;
let router: Installed;

installed.before(async () => {
  lab = new Lab('qjs');
  await lab.startProvider();
  router = await Installed.start(lab, 'x86_64');
});
installed.after(() => lab.close());

const links = () => lab.in(lab.router, 'ip', '-o', 'link', 'show', 'type', 'macvlan').split('\n').filter(Boolean);
const clients = () => lab.in(lab.router, 'ip', 'netns', 'pids', lab.router);
const udhcpcs = () => router.run('pgrep', '-f', '^(busybox )?udhcpc .*-i m').stdout;

async function bound(): Promise<void> {
  await until(
    'leases',
    () => router.run('/usr/bin/macvlan', 'status').stdout.match(/198\.51\.100\.\d+\/24/g)?.length === 2,
    30_000,
  );
}

installed('the program says its version', () => {
  assert.match(router.run('/usr/sbin/macvland', '--version').stdout, /^macvland \d+\.\d+\.\d+\n$/);
  const [, version] = /"version": "(.*)"/.exec(readFileSync('package.json', 'utf8'))!;
  const tried = router.run(
    'busybox',
    'ash',
    `${process.cwd()}/package-feed/net/macvlan/test.sh`,
    'macvlan',
    `${version}-r1`,
  );
  assert.is(tried.status, 0, tried.stderr);
});

installed('the service starts with the configuration of the package, which has no line', async () => {
  await router.init('start');
  assert.is(router.triggers(), 'macvlan');
  assert.equal(links(), []);
  assert.is(router.run('/usr/bin/macvlan', '/interface macvlan print count-only').stdout, '0\n');
});

installed('two lines with leases, typed', async () => {
  for (const n of [1, 2]) {
    for (const command of [`/interface macvlan add interface=ether1 name=m${n}`, `/ip dhcp-client add interface=m${n}`])
      assert.equal(router.run('/usr/bin/macvlan', command), { status: 0, stdout: '', stderr: '' });
  }
  await bound();
  assert.match(router.run('cat', '/etc/config/macvlan').stdout, /\n# .*\n[\s\S]*option name 'm2'/);
});

installed('a reload reads the file again, with the same daemon', async () => {
  const before = router.pids();
  const add = `printf "\\nconfig macvlan\\n\\toption interface 'ether1'\\n\\toption name 'm3'\\n" >> /etc/config/macvlan`;
  router.run('sh', '-c', add);
  await router.init('reload');
  await until('the third', () => links().length === 3);
  assert.equal(router.pids(), before);
});

for (const [what, verbs, env] of [
  ['a restart', ['restart'], []],
  ['an upgrade of the package', ['stop', 'start'], ['PKG_UPGRADE=1']],
] as [string, string[], string[]][])
  installed(`${what} keeps every line up, and the next daemon takes it over`, async () => {
    const [before, running, pids] = [links(), udhcpcs(), router.pids()];
    assert.ok(running.length > 0);
    for (const verb of verbs) await router.init(verb, env);
    await bound();
    assert.not.equal(router.pids(), pids);
    assert.equal([links().map(still), udhcpcs()], [before.map(still), running]);
  });

installed('stop takes all away, and gives the leases back', async () => {
  await router.init('stop');
  assert.equal([links(), udhcpcs(), router.pids()], [[], '', []]);
  await until('two releases', () => lab.log('provider').match(/DHCPRELEASE/g)?.length === 2);
  assert.not.match(clients(), /udhcpc/);
});

installed('so does the end of the machine', async () => {
  await router.init('start');
  await bound();
  await router.init('shutdown');
  assert.equal([links(), router.pids()], [[], []]);
  await until('four releases', () => lab.log('provider').match(/DHCPRELEASE/g)?.length === 4);
});

installed('stop does so without a daemon, too', async () => {
  await router.init('start');
  await bound();
  for (const pid of router.pids()) process.kill(pid, 'SIGKILL');
  await until('its end', () => router.pids().length === 0);
  assert.is(links().length, 3);
  await router.init('stop');
  assert.equal([links(), udhcpcs()], [[], '']);
});

installed.run();

/** What stays of a link. */
function still(line: string): string {
  return line.replace(/ state \S+/, '');
}
