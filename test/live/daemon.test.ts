import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RuntimeName, sleep, until } from '../../lab/lab.ts';
import { Router } from './router.ts';

const EXAMPLES = readFileSync('lab/examples.rsc', 'utf8');

function manual(runtime: RuntimeName): void {
  const test = suite(`the main job under ${runtime}`);
  let router: Router;

  test.before(async () => {
    router = await Router.start(runtime);
  });
  test.after(() => router.close());

  test("the manual's examples: running macvlans and bound leases, whose MACs the provider knows", async () => {
    const { status, stderr } = router.lab.console(EXAMPLES);
    assert.is(stderr, '');
    assert.is(status, 0);
    await router.bound(2);
    const [macvlan] = await router.list('macvlan');
    assert.ok(macvlan);
    const leases = router.leases();
    const clients = await router.list('dhcp_client');
    assert.is(
      `${leases.get(String(macvlan.mac_address))}/24`,
      clients.find((client) => client.interface === 'macvlan1')?.address,
    );
    assert.is(leases.size, 2);
  });

  test('print shows the table of the manual', () => {
    const { stdout } = router.lab.console('/interface macvlan print\n');
    const squeezed = stdout
      .replace(/ +/g, ' ')
      .replace(/ $/gm, '')
      .replace(/([0-9A-F]{2}:){5}[0-9A-F]{2}/, 'MAC');
    assert.is(
      squeezed,
      [
        'Flags: R - RUNNING',
        'Columns: NAME, MTU, INTERFACE, MAC-ADDRESS, MODE',
        '# NAME MTU INTERFACE MAC-ADDRESS MODE',
        '0 R macvlan1 1500 ether1 MAC bridge',
        '',
      ].join('\n'),
    );
  });

  test('a crash and a new start: same links, same clients, same leases, and no packet is lost', async () => {
    const before = { links: router.links(), clients: router.clients(), leases: await router.list('dhcp_client') };
    // Who names a client's file on the command line is not for that a client.
    const onlooker = spawn('tail', ['-f', join(router.lab.run, 'clients/dhcp_client_1')], { stdio: 'ignore' });
    const [address] = router.addressesOf('macvlan1');
    const ping = router.lab.in.bind(router.lab, router.lab.isp);
    await router.lab.stopDaemon('SIGKILL');
    // One of the clients renews while no daemon runs.
    process.kill(Number(before.clients[0]), 'SIGUSR1');
    await sleep(300);
    const pinging = Promise.resolve().then(() => ping('ping', '-q', '-i', '0.05', '-c', '20', '-W', '1', address!));
    await router.startDaemon();
    assert.match(await pinging, / 0% packet loss/);
    await router.bound(2);
    assert.equal(router.links(), before.links);
    assert.equal(router.clients(), before.clients);
    const after = await router.list('dhcp_client');
    assert.equal(
      after.map(({ address }) => address),
      before.leases.map(({ address }) => address),
    );
    assert.ok(
      after.some(({ expires_after }) => Number(expires_after) >= 110),
      'the renewal is known',
    );
    assert.is(onlooker.exitCode ?? onlooker.signalCode, null);
    onlooker.kill();
  });

  test("the broker's restart: the objects are back within a second", async () => {
    await router.lab.stopBroker();
    await sleep(500);
    await router.lab.startBroker();
    await router.served(1000);
  });

  test("the parent's carrier off and on: shown, and no client is restarted", async () => {
    const clients = router.clients();
    router.lab.in(router.lab.isp, 'ip', 'link', 'set', 'wire', 'down');
    await until('macvlan1 to be down', async () => (await router.list('macvlan'))[0]?.running === false);
    assert.is((await router.list('macvlan'))[0]?.about, 'parent ether1 has no carrier; check its cable');
    router.lab.in(router.lab.isp, 'ip', 'link', 'set', 'wire', 'up');
    await until('macvlan1 to run', async () => (await router.list('macvlan'))[0]?.running === true);
    assert.equal(router.clients(), clients);
  });

  test('the parent deleted and made again: the same MACs, and leases again', async () => {
    const [before] = await router.list('macvlan');
    router.lab.in(router.lab.isp, 'ip', 'link', 'delete', 'wire');
    await until('the wait for ether1', async () => (await router.list('macvlan'))[0]?.state === 'waiting for ether1');
    await until('the clients to end', () => router.clients().length === 0);
    router.lab.plug();
    router.lab.in(router.lab.isp, 'ip', 'address', 'add', '198.51.100.1/24', 'dev', 'wire');
    await router.bound(2);
    const [after] = await router.list('macvlan');
    assert.is(after?.mac_address, before?.mac_address);
    assert.is(router.links()[0]?.address.toUpperCase(), before?.mac_address);
  });

  test('renew asks again, release gives back and starts anew', async () => {
    await router.call('macvlan.dhcp_client', 'renew', { name: 'macvlan1' });
    await until('the renewal', async () => Number((await router.list('dhcp_client'))[1]?.expires_after) >= 119);
    await router.call('macvlan.dhcp_client', 'release', { name: 'macvlan1' });
    await until('the release', () => /DHCPRELEASE\(wire\)/.test(router.lab.log('provider')));
    await router.bound(2);
  });

  test('idle, it does not wake up', async () => {
    await sleep(1500);
    const wakeups = () =>
      Number(
        /^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/${router.lab.daemonPid}/status`, 'utf8'))?.[1],
      );
    const inThreeSeconds = async () => {
      const before = wakeups();
      await sleep(3000);
      return wakeups() - before;
    };
    // V8 tidies up for a while after it has had much to do; what is due again and again is so in every three seconds.
    const found = [await inThreeSeconds()];
    while (found.at(-1) !== 0 && found.length < 4) found.push(await inThreeSeconds());
    assert.is(found.at(-1), 0, `woke up ${found} times in three seconds each`);
  });

  test('an interface that is not ours is left alone', async () => {
    const ip = (...args: string[]) => router.lab.in(router.lab.router, 'ip', ...args);
    ip('link', 'add', 'foreign', 'link', 'ether1', 'type', 'macvlan', 'mode', 'private');
    ip('address', 'add', '192.0.2.77/24', 'dev', 'foreign');
    const before = ip('-json', 'address', 'show', 'dev', 'foreign');
    await router.call('macvlan', 'add', { interface: 'ether1', name: 'beside' });
    await router.call('macvlan', 'remove', { name: 'beside' });
    assert.is(ip('-json', 'address', 'show', 'dev', 'foreign'), before);
    const { error } = await router.refusal('macvlan', 'add', { interface: 'ether1', name: 'foreign' });
    assert.is(error, 'already have interface with such name: foreign is a link that is not ours');
    ip('link', 'delete', 'foreign');
  });

  test('shutdown takes everything away, and the provider gets its addresses back', async () => {
    // Asked twice, both are answered when it is done.
    await Promise.all([router.call('macvlan', 'shutdown'), router.call('macvlan', 'shutdown')]);
    assert.equal(router.links(), []);
    assert.equal(router.clients(), []);
    assert.equal(router.addressesOf('ether1'), []);
    assert.is(router.lab.in(router.lab.router, 'ip', 'route', 'show', 'proto', '109'), '');
    assert.match((await router.refusal('macvlan', 'add', { interface: 'ether1' })).error as string, /shutting down/);
    await router.lab.stopDaemon('SIGTERM');
  });

  test('a start after that brings it all back, and --down takes it away without a daemon', async () => {
    await router.startDaemon();
    await router.bound(2);
    await router.lab.stopDaemon('SIGTERM');
    assert.is(router.clients().length, 2);
    assert.is(router.lab.daemonOnce('--down').status, 0);
    assert.equal(router.links(), []);
    assert.equal(router.clients(), []);
  });

  test.run();
}

function crowd(runtime: RuntimeName): void {
  const test = suite(`many at once under ${runtime}`);
  let router: Router;

  test.before(async () => {
    router = await Router.start(runtime);
  });
  test.after(() => router.close());

  test('kill -9 while 20 are being added: what was answered is there, once, and its links stay', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `line${i + 1}`);
    const adding = names.map((name) => router.call('macvlan', 'add', { interface: 'ether1', name }));
    const done = Promise.allSettled(adding);
    await Promise.race(adding);
    await router.lab.stopDaemon('SIGKILL');
    const before = router.links();
    await router.startDaemon();
    const results = await done;
    // Who was not answered asks again; what was written meanwhile is refused by its name.
    for (const [i, result] of results.entries()) {
      if (result.status === 'rejected')
        await router
          .call('macvlan', 'add', { interface: 'ether1', name: names[i]! })
          .catch((error) => assert.match(error.data?.error, /already have interface/));
    }
    const listed = (await router.list('macvlan')).map(({ name }) => name);
    assert.equal([...listed].sort(), [...names].sort());
    const after = new Map(router.links().map((link) => [link.ifname, link]));
    assert.is(after.size, 20);
    for (const link of before) assert.is(after.get(link.ifname)?.ifindex, link.ifindex);
  });

  test('a console whose daemon dies says so at once, and at which line', async () => {
    const script = Array.from({ length: 200 }, (_, i) => `/interface macvlan add interface=ether1 name=d${i}`).join(
      '\n',
    );
    const adding = router.lab.consoleBeside(script);
    await until('the first of them', async () => (await router.list('macvlan')).some(({ name }) => name === 'd3'));
    await router.lab.stopDaemon('SIGKILL');
    const { status, stderr } = await adding;
    assert.match(stderr, /^failure: (macvland went away|no object macvlan on ubus).* \(line \d+ column 1\)\n$/);
    assert.is(status, 1);
    await router.startDaemon();
    for (const { name } of await router.list('macvlan')) {
      if (/^d\d/.test(String(name))) await router.call('macvlan', 'remove', { name: String(name) });
    }
  });

  test('two console scripts and a text editor write at the same moment: nothing is lost', async () => {
    const script = (prefix: string) =>
      Array.from({ length: 15 }, (_, i) => `/interface macvlan add interface=ether1 name=${prefix}${i}`).join('\n');
    const scripts = [router.lab.consoleBeside(script('a')), router.lab.consoleBeside(script('b'))];
    // Editors take no lock: they append, write beside it and rename, or save what they read a moment before.
    for (let i = 0; i < 12; i++) {
      await sleep(15);
      const section = `\n# by hand ${i}\nconfig macvlan 'hand${i}'\n\toption interface 'ether1'\n`;
      if (i % 3 === 0) appendFileSync(router.configPath, section);
      else if (i % 3 === 1)
        execFileSync('sed', [
          '-i',
          `$ a config macvlan 'hand${i}'\\n\\toption interface ether1 # by hand ${i}`,
          router.configPath,
        ]);
      else {
        const text = readFileSync(router.configPath, 'utf8');
        await sleep(10);
        writeFileSync(router.configPath, text + section);
      }
    }
    for (const { status, stderr } of await Promise.all(scripts)) assert.is(`${status} ${stderr}`, '0 ');
    await sleep(2000);
    await router.call('macvlan', 'reload');
    const listed = (await router.list('macvlan')).map(({ name }) => name);
    for (const prefix of ['a', 'b'])
      for (let i = 0; i < 15; i++) assert.ok(listed.includes(`${prefix}${i}`), `${prefix}${i}`);
    for (let i = 0; i < 12; i++) assert.ok(listed.includes(`hand${i}`), `hand${i}`);
    for (let i = 0; i < 12; i++) assert.match(router.config, `# by hand ${i}`);
    assert.is(new Set(listed).size, listed.length);
  });

  test('fifty clients on one port are all bound, and each has its own lease', async () => {
    const names = (await router.list('macvlan')).map(({ name }) => String(name)).slice(0, 49);
    const all = ['ether1', ...names];
    await Promise.all(all.map((name) => router.call('macvlan.dhcp_client', 'add', { interface: name })));
    await router.bound(all.length, 60_000);
    assert.is(new Set(router.leases().values()).size, all.length);
  });

  test.run();
}

const REFUSALS: {
  what: string;
  args: Record<string, string | number | boolean>;
  error: RegExp | string;
  status?: number;
}[] = [
  {
    what: "an MTU above the parent's",
    args: { interface: 'ether1', mtu: 9000 },
    error: 'mtu 9000 exceeds parent ether1 mtu 1500',
  },
  {
    what: 'a 16-character ifname',
    args: { interface: 'ether1', ifname: 'abcdefghijklmnop' },
    error: /ifname "abcdefghijklmnop" is not valid: it has 16 characters, the kernel takes at most 15/,
  },
  {
    what: "a sibling's MAC",
    args: { interface: 'ether1', mac_address: '02:00:00:00:00:01' },
    error: /mac_address 02:00:00:00:00:01 is already that of macvlan first/,
  },
  {
    what: 'a multicast MAC',
    args: { interface: 'ether1', mac_address: '01:00:5e:00:00:01' },
    error: /multicast address/,
  },
  {
    what: 'mode foo',
    args: { interface: 'ether1', mode: 'foo' },
    error: 'mode "foo" is not valid: expected bridge | private | vepa | passthru | source',
  },
  {
    what: 'an unknown property',
    args: { interface: 'ether1', colour: 'red' },
    error: /unknown property colour; known are name, interface, mode/,
  },
  {
    what: 'a name that is taken',
    args: { interface: 'ether1', name: 'first' },
    error: 'already have interface with such name: first',
  },
  { what: 'no parent at all', args: { name: 'orphan' }, error: 'interface is missing' },
  {
    what: 'the loopback as parent',
    args: { interface: 'lo' },
    error: /interface lo cannot carry a macvlan: it is the loopback/,
  },
];

function wrong(runtime: RuntimeName): void {
  const test = suite(`what is wrong, under ${runtime}`);
  let router: Router;

  test.before(async () => {
    router = await Router.start(
      runtime,
      [
        "config macvlan 'first'",
        "\toption interface 'ether1'",
        "\toption mac_address '02:00:00:00:00:01'",
        '',
        "config macvlan 'second'",
        "\toption interface 'ether1'",
        "\toption mode 'foo'",
        '\toptoin comment here',
        '',
        "config macvlan 'third'",
        "\toption interface 'ether9'",
        '',
        "config macvlan 'fourth'",
        "\toption interface 'ether1'",
        '',
      ].join('\n'),
    );
  });
  test.after(() => router.close());

  test('a broken line and a wrong value are reported with their lines, and everything else is up', async () => {
    await until('first and fourth', () => router.links().length === 2);
    const { problems } = await router.call('macvlan', 'status');
    const lines = (problems as { line: number; error: string; section?: string }[]).map(({ line, section }) =>
      `${line} ${section ?? ''}`.trim(),
    );
    assert.equal(lines.sort(), ['7 second', '8']);
    assert.match(router.lab.log('macvland'), /config\/macvlan:7: second: mode "foo" is not valid/);
    assert.match(router.config, /\toptoin comment here\n/);
  });

  test('a missing parent is waited for', async () => {
    const third = (await router.list('macvlan')).find(({ name }) => name === 'third');
    assert.is(third?.state, 'waiting for ether9');
    assert.is(third?.about, 'parent ether9 does not exist; it is waited for');
    router.lab.in(router.lab.router, 'ip', 'link', 'add', 'ether9', 'type', 'veth', 'peer', 'name', 'far9');
    await until('third', () => router.links().length === 3);
  });

  for (const { what, args, error, status = 2 } of REFUSALS) {
    test(`refused, and nothing changes: ${what}`, async () => {
      const before = { config: router.config, links: router.links() };
      const refusal = await router.refusal('macvlan', 'add', args);
      if (typeof error === 'string') assert.is(refusal.error, error);
      else assert.match(String(refusal.error), error);
      assert.is(refusal.status, status);
      assert.equal({ config: router.config, links: router.links() }, before);
    });
  }

  test("the parent's MAC is refused too", async () => {
    const [parent] = JSON.parse(router.lab.in(router.lab.router, 'ip', '-json', 'link', 'show', 'dev', 'ether1'));
    const { error } = await router.refusal('macvlan', 'add', { interface: 'ether1', mac_address: parent.address });
    assert.is(
      error,
      `mac_address ${parent.address.toUpperCase()} is already that of link ether1; choose another or leave it out`,
    );
  });

  test('the console says it with line and column, and status 1', () => {
    const { status, stderr } = router.lab.console('/interface macvlan\nadd interface=ether1 mtu=9000\n');
    assert.is(stderr, 'failure: mtu 9000 exceeds parent ether1 mtu 1500 (line 2 column 22)\n');
    assert.is(status, 1);
    const { stderr: syntax } = router.lab.console('/interface macvlan add colour=red\n');
    assert.is(syntax, 'expected end of command (line 1 column 24)\n');
  });

  test('an item that is not there is status 4', async () => {
    const { error, status } = await router.refusal('macvlan', 'remove', { name: 'nobody' });
    assert.is(error, 'no such item: macvlan nobody');
    assert.is(status, 4);
  });

  test('a file that cannot be read at the start leaves every line up, and is read when it can be', async () => {
    const before = router.links();
    const text = router.config;
    await router.lab.stopDaemon('SIGTERM');
    rmSync(router.configPath);
    mkdirSync(router.configPath);
    await router.startDaemon();
    await sleep(1200);
    assert.equal(router.links(), before);
    assert.is(router.lab.log('macvland').match(/Is a directory/g)?.length, 1);
    rmdirSync(router.configPath);
    router.config = text;
    await until('the items', async () => (await router.list('macvlan')).length === 4);
    assert.equal(router.links(), before);
  });

  test('a second daemon on the same run directory is told so', () => {
    const { status, stderr } = router.lab.daemonOnce();
    assert.match(stderr, /another macvland works with .*; stop it, or give another directory with -r/);
    assert.is(status, 1);
  });

  test('--plan says what would be done beside a running daemon, and touches none of its files', () => {
    const written = join(router.lab.run, 'events/being_written');
    writeFileSync(written, '');
    const { status, stdout } = router.lab.daemonOnce('--plan');
    assert.is(`${status} ${stdout}`, '0 ');
    assert.ok(existsSync(written));
    rmSync(written);
  });

  test('--version needs nothing, and wrong arguments are told', () => {
    assert.is(router.lab.daemonOnce('--version').stdout, 'macvland 0.1.0\n');
    assert.is(router.lab.daemonOnce('--bogus').status, 2);
  });

  test.run();
}

for (const runtime of ['qjs', 'node'] as const) {
  manual(runtime);
  crowd(runtime);
  wrong(runtime);
}
