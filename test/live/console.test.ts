import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { descriptions } from '../../src/menus/descriptions.ts';
import { Person } from './person.ts';
import { Router } from './router.ts';

const ENGINE = {
  node: process.execPath,
  qjs: join(process.env.XDG_CACHE_HOME ?? `${process.env.HOME}/.cache`, 'openwrt-macvlan/qjs'),
};

const TWO = `config macvlan macvlan_1
	option interface ether1
	option mac_address 02:00:5E:10:00:01

config dhcp_client
	option interface macvlan_1
	option comment 'the second'
`;
const SCRIPT = `/interface macvlan
add interface=ether1 mac-address=02:00:5E:10:00:01 name=macvlan_1
/ip dhcp-client
add comment="the second" interface=macvlan_1
`;

/** What is loaded later is found from wherever the daemon was started, and however it was called. */
function places(runtime: 'node' | 'qjs'): void {
  const test = suite(`the second file of the daemon under ${runtime}`);
  const folder = resolve(`dist/${runtime}`);
  let router: Router;
  let daemon: ChildProcess | undefined;

  test.before(async () => {
    router = await Router.start(runtime, TWO);
    await router.lab.stopDaemon('SIGTERM');
  });
  test.after(() => {
    daemon?.kill();
    router.close();
  });
  const CALLS: [title: string, cwd: string, path: string][] = [
    ['its absolute path', '/', `${folder}/macvland.mjs`],
    ['a relative path', resolve('.'), `dist/${runtime}/macvland.mjs`],
    ['a relative path with a dot', dirname(folder), `./${runtime}/macvland.mjs`],
    ['its bare name', folder, 'macvland.mjs'],
    ['a path that goes up', resolve('src/console'), `../../dist/${runtime}/macvland.mjs`],
  ];
  for (const [title, cwd, path] of CALLS) {
    test(`is found by ${title}`, async () => {
      const { socket, config, run } = router.lab;
      const args = [ENGINE[runtime], path, '-s', socket, '-c', config, '-r', run];
      daemon = spawn('ip', ['netns', 'exec', router.lab.router, ...args], { cwd, stdio: 'ignore' });
      await router.served();
      const { script } = await router.call('macvlan', 'export');
      assert.is(String(script).replace(/^#.*\n/, ''), SCRIPT);
      await router.lab.stop(daemon, 'SIGTERM');
    });
  }
  test.run();
}

for (const runtime of ['node', 'qjs'] as const) places(runtime);

// Everything that the console does with a daemon, as the router runs it.
const PAGE = '../shared/reference/routeros-macvlan.txt';
const manual = suite('the manual page, as it is printed');
let router: Router;

manual.before(async () => {
  router = await Router.start('qjs');
});
manual.after(() => router.close());

/** Paragraphs that begin with a command or with a comment above one; what a print shows is set apart. */
function blocksOf(page: string): { script: string; shown: string[] }[] {
  const paragraphs = page.split(/\n\s*\n/).filter((text) => /^\s*(# [^\n]*\n)?\/[a-z]/.test(text));
  return paragraphs.map((text) => {
    const lines = text.trim().split('\n');
    const print = lines.findIndex((line) => /print$/.test(line));
    const end = print < 0 ? lines.length : print + 1;
    return { script: `${lines.slice(0, end).join('\n')}\n`, shown: lines.slice(end) };
  });
}

/** The first command of a menu that this version does not have, and the script without all of them. */
function unavailable(script: string): { menu: string; line: number; rest: string } | undefined {
  let isThere = true;
  let first: { menu: string; line: number } | undefined;
  const rest = script.split('\n').filter((text, at) => {
    const path = /^\/([a-z0-9 -]+?)(?: (?:add|print)\b.*)?$/.exec(text)?.[1];
    if (path !== undefined) isThere = descriptions.some((menu) => menu.path === path);
    if (path !== undefined && !isThere) first ??= { menu: path, line: at + 1 };
    return isThere || text.startsWith('#');
  });
  return first && { ...first, rest: rest.join('\n') };
}

function wipe(): void {
  const script = [...descriptions].reverse().map(({ path }) => `/${path} remove [find]\n`);
  assert.is(router.lab.console(script.join('')).stderr, '');
}

manual('every code block runs verbatim; a menu that is not there is refused by name', async () => {
  if (!existsSync(PAGE)) {
    console.log(`skipped: ${PAGE} is not there`);
    return;
  }
  const blocks = blocksOf(readFileSync(PAGE, 'utf8'));
  assert.ok(blocks.length >= 10, `${blocks.length} blocks`);
  for (const { script, shown } of blocks) {
    wipe();
    const missing = unavailable(script);
    const whole = router.lab.console(script);
    const error = missing
      ? `menu /${missing.menu} is not available in this version (line ${missing.line} column 1)\n`
      : '';
    assert.is(whole.stderr, error, script);
    assert.is(whole.status, missing ? 1 : 0);
    if (missing) {
      wipe();
      const { stderr, status } = router.lab.console(missing.rest);
      assert.is(stderr + status, '0', missing.rest);
    }
    const count = (script.match(/^(?:\/interface macvlan )?add interface=ether1 name=macvlan/gm) ?? []).length;
    assert.is(router.lab.console('/interface macvlan print count-only').stdout, `${count}\n`, script);
    if (shown.length === 0) continue;
    assert.match(whole.stdout, /^# .*NAME +MTU +INTERFACE +MAC-ADDRESS +MODE/m);
    // The kernel takes a moment to say that a new link is running.
    const print = () => router.lab.console('/interface macvlan print\n').stdout;
    await until('what the page shows', () => squeezed(print()) === squeezed(shown.join('\n')), 5000);
  }
});

/** Blanks and MAC addresses may differ. */
function squeezed(text: string): string {
  const lines = text.replace(/([0-9A-F]{2}:){5}[0-9A-F]{2}/g, 'MAC').split('\n');
  return lines
    .map((line) => line.replace(/ +/g, ' ').trim())
    .join('\n')
    .trim();
}

manual.run();

const scripts = suite('import and export');
const folder = mkdtempSync(join(tmpdir(), 'macvlan-console-'));
const rsc = join(folder, 'lines.rsc');

scripts.before(async () => {
  router = await Router.start('qjs');
});
scripts.after(() => {
  router.close();
  rmSync(folder, { recursive: true });
});

const SHOP = `# 2026-01-02 03:04:05 by RouterOS 7.16.1
/interface ethernet
set [ find default-name=ether1 ] comment="the \\"wall\\" socket"
/interface macvlan
add comment="the shop" interface=ether1 mac-address=02:00:5E:10:00:11 mode=\\
    private name="Domestic Link"
add interface=ether1 mac-address=02:00:5E:10:00:12 name=second
/ip firewall filter
add action=drop chain=input
add action=drop chain=forward
/ip dhcp-client
add default-route-distance=5 interface="Domestic Link" vlan-priority=3
add interface=second
`;

scripts('a real export goes in; what is not ours is named', async () => {
  writeFileSync(rsc, SHOP);
  const dry = router.lab.console(`/import ${rsc} dry-run`);
  assert.is(dry.stderr, '');
  assert.match(dry.stdout, /^add link second address 02:00:5E:10:00:12/m);
  assert.match(dry.stdout, /\n4 commands would be done\n$/);
  assert.equal(await router.list('macvlan'), []);
  const { stdout, stderr } = router.lab.console('', 'import', rsc);
  assert.is(stderr, '');
  assert.equal(stdout.split('\n'), [
    'left out: menu /interface ethernet (1)',
    'left out: menu /ip firewall filter (2)',
    'left out: property vlan-priority of /ip dhcp-client (1)',
    '4 commands done',
    '',
  ]);
  await router.bound(2);
});

scripts('export, wipe, import, export: the same text, and the same addresses from the provider', async () => {
  const before = router.lab.console('/export').stdout;
  assert.match(before, /mode=\\\n {4}private/);
  const leases = router.leases();
  wipe();
  assert.is(router.lab.console('/export').stdout.split('\n').length, 2);
  writeFileSync(rsc, before);
  assert.is(router.lab.console(`/import file-name="${rsc}"`).stderr, '');
  assert.is(router.lab.console('/export').stdout, before);
  await router.bound(2);
  assert.equal(router.leases(), leases);
});

scripts('one wrong line, and nothing of the file is done', async () => {
  const before = router.config;
  writeFileSync(
    rsc,
    '/interface macvlan\nadd interface=ether1 name=third\nset second mtu=1400\nadd interface=ether1 mtu=9000\n',
  );
  const { status, stdout, stderr } = router.lab.console(`/import ${rsc}`);
  assert.is(status, 1);
  assert.is(stdout, '');
  assert.is(
    stderr,
    `failure: ${rsc} line 4 column 22: mtu 9000 exceeds parent ether1 mtu 1500; nothing has been changed (line 1 column 1)\n`,
  );
  assert.is(router.config, before);
});

scripts('line by line, up to the one that is wrong', async () => {
  const { status, stdout } = router.lab.console(`/import ${rsc} verbose=yes`);
  assert.is(status, 1);
  assert.match(stdout, /#line 2\nadd interface=ether1 name=third\n#line 3\nset second mtu=1400\n/);
  const names = (await router.list('macvlan')).map(({ name, mtu }) => `${name} ${mtu}`);
  assert.equal(names, ['Domestic Link 1500', 'second 1400', 'third 1500']);
});

scripts('a thousand lines are one write and one pass', async () => {
  wipe();
  const lines = Array.from({ length: 1000 }, (_, i) => `add comment="line ${i}" interface=ether1 name=line${i}\n`);
  writeFileSync(rsc, `/interface macvlan\n${lines.join('')}`);
  const start = Date.now();
  const { stdout, stderr } = router.lab.console(`/import ${rsc}`);
  const took = Date.now() - start;
  assert.is(stderr + stdout, '1000 commands done\n');
  assert.ok(took < 15_000, `${took} ms`);
  assert.is(router.links().length, 1000);
  wipe();
  assert.is(router.links().length, 0);
});

scripts('what others ask for: JSON, one screen, a file', async () => {
  router.lab.console('/interface macvlan add interface=ether1 name=one\n/ip dhcp-client add interface=one');
  await router.bound(1);
  const { macvlan, total } = JSON.parse(router.lab.console('', '--json', '/interface macvlan print').stdout);
  assert.equal([macvlan[0].name, total], ['one', 1]);
  assert.equal(JSON.parse(router.lab.console('', '--json', 'status').stdout).macvlan, 1);
  const overview = router.lab.console('', 'status').stdout;
  assert.match(overview, /^0 one +running +198\.51\.100\.\d+\/24/m);
  const file = join(folder, 'list');
  assert.is(router.lab.console(`/interface macvlan print file="${file}"`).stderr, '');
  assert.match(readFileSync(`${file}.txt`, 'utf8'), /one/);
  assert.is(router.lab.console(`/export file="${file}"`).stderr, '');
  assert.match(readFileSync(`${file}.rsc`, 'utf8'), /^\/interface macvlan\nadd interface=ether1 mac-address=/m);
});

scripts('print follow into a pipe: what is new, and its end', async () => {
  const watching = router.lab.console('/interface macvlan print follow interval=200ms duration=1s');
  assert.is(watching.status, 0);
  assert.is(watching.stdout.match(/one/g)!.length, 1);
});
scripts.run();

const person = suite('a person at a terminal');
let home: string;
let who: Person;
const PROMPT = /\[macvlan\] > $/;

person.before(async () => {
  router = await Router.start('qjs');
  home = mkdtempSync(join(tmpdir(), 'macvlan-home-'));
});
person.after(() => {
  who?.close();
  router.close();
  rmSync(home, { recursive: true });
});

function sitDown(env: Record<string, string> = {}, columns?: number): Person {
  const { lab } = router;
  const command = ['ip', 'netns', 'exec', lab.router, ENGINE.qjs, resolve('dist/qjs/macvlan.mjs'), '-s', lab.socket];
  who = new Person(command, { HOME: home, NO_COLOR: '', ...env }, columns);
  return who;
}

person('completes menus, commands, properties and values, and goes on after a mistake', async () => {
  const { type, sees } = bound(sitDown({ NO_COLOR: '1' }));
  await sees(PROMPT);
  type('/interf\tmacv\tadd in\te\tna\tone mo\tpr\t\r');
  await sees(/\/interface macvlan add interface=ether1 name=one mode=private \n/);
  type('/interface macvlan\rprint count-only\r');
  await sees(/\n1\n/);
  type('add interfac=x mtuu=1\r');
  assert.match(await sees(/interface\/macvlan> $/), /expected end of command; did you mean mtu=\?/);
  type('set o\t comment="is it? \\"yes\\""\rprint\r');
  await sees(/;;; is it\? "yes"\n[\s\S]*one +1500/);
  type('/quit\r');
  assert.is(await who.gone(), 0);
});

person('helps with ? and F1, keeps a history without passwords, and has no colours with NO_COLOR', async () => {
  const { type, sees } = bound(sitDown({ NO_COLOR: '1' }));
  await sees(PROMPT);
  type('/ip dhcp-client add ?');
  assert.match(await sees(/use-peer-dns +yes \| no: use the name servers/), /default-route-distance/);
  type('\x03\x1bOP');
  assert.match(await sees(/status +all lines on one screen/), /interface +a menu/);
  type('\x1b[A');
  assert.match(await sees(/quit/, true), /\x1b\[K/);
  type('\x15:put "a password=secret"\r:put kept\r');
  await sees(/\nkept\n/);
  type('\x04');
  assert.is(await who.gone(), 0);
  const kept = readFileSync(join(home, '.macvlan_history'), 'utf8');
  assert.match(kept, /:put kept\n$/);
  assert.not.match(kept, 'secret');
  assert.is(statSync(join(home, '.macvlan_history')).mode & 0o777, 0o600);
});

person('watches until Ctrl-C, on a narrow terminal too', async () => {
  const { type, sees } = bound(sitDown({}, 40));
  assert.match(await sees(/> /, true), /\x1b\[1m\[macvlan\] > \x1b\[m/);
  type('/interface macvlan print follow interval=200ms\r');
  await sees(/NAME/);
  router.lab.console('/interface macvlan set one comment=changed');
  await sees(/;;; changed/);
  type('\x03');
  await sees(PROMPT);
  type(`/interface macvlan set one comment="${'long '.repeat(20)}end"`);
  const drawn = await sees(/end"/, true);
  for (const line of drawn.split('\r'))
    assert.ok(line.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '').length < 40, JSON.stringify(line));
  type('\x03');
  await sees(PROMPT);
  type('\x04');
  assert.is(await who.gone(), 0);
});

person('blocks over several lines, and what was typed while a command ran', async () => {
  const { type, sees } = bound(sitDown());
  await sees(PROMPT);
  type(':for i from=1 to=3 do={\r:put "line $i"\r}\r');
  await sees(/line 1\nline 2\nline 3\n/);
  // Pasted, with what would complete and help if it were typed.
  type('\x1b[200~:foreach a in={5;6} do={\n\t:put "is $a?"\n\t:put why?\n}\n\x1b[201~');
  await sees(/is 5\?\nwhy\?\nis 6\?\nwhy\?\n/);
  type('/interface macvlan monitor one duration=1s\r:put typed\r');
  await sees(/state: running[\s\S]*\ntyped\n/);
  type('\x04');
  assert.is(await who.gone(), 0);
});

function bound(one: Person): { type: Person['type']; sees: Person['sees'] } {
  return { type: one.type.bind(one), sees: one.sees.bind(one) };
}

person.run();
