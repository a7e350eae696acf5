import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RuntimeName, until } from '../../lab/lab.ts';
import { Router } from './router.ts';
import { Subscriber } from './subscriber.ts';

/** As the manual has it, but for the port. */
const ISOLATED = `
/interface macvlan add interface=ether3 name=macvlan-guest mode=private
/interface macvlan add interface=ether3 name=macvlan-iot mode=private
/ip address add address=192.168.100.1/24 interface=macvlan-guest
/ip address add address=192.168.200.1/24 interface=macvlan-iot
/ip dhcp-server network add address=192.168.100.0/24 gateway=192.168.100.1
/ip dhcp-server network add address=192.168.200.0/24 gateway=192.168.200.1
`;

const SERVER = `
/interface macvlan add interface=ether2 name=office
/ip pool add name=desks ranges=192.0.2.100-192.0.2.110
/ip dhcp-server add interface=office address-pool=desks lease-time=10m
/ip dhcp-server network add address=192.0.2.0/24 gateway=192.0.2.1 dns-server=192.0.2.53,192.0.2.54 ntp-server=192.0.2.7 \\
    wins-server=192.0.2.8 domain=lan.example next-server=192.0.2.9 boot-file-name=boot/pxe dhcp-option=114:http://192.0.2.1/
`;

function served(runtime: RuntimeName): void {
  const test = suite(`DHCP servers under ${runtime}`);
  let router: Router;
  let office: Subscriber;
  let shared: Subscriber;

  test.before(async () => {
    router = await Router.start(runtime);
    office = new Subscriber(router.lab, 'ether2');
    shared = new Subscriber(router.lab, 'ether3');
  });
  test.after(() => router.close());

  const inRouter = (...command: string[]) => router.lab.in(router.lab.router, ...command);

  function console_(script: string): string {
    const { status, stdout, stderr } = router.lab.console(script);
    assert.is(stderr, '');
    assert.is(status, 0);
    return stdout;
  }

  async function list(type: string): Promise<Record<string, unknown>[]> {
    return (await router.call(`macvlan.${type}`, 'list'))[type] as Record<string, unknown>[];
  }

  async function status(type: string, count: number, wanted: string): Promise<void> {
    const so = async () => (await list(type)).filter((entry) => entry.status === wanted).length === count;
    await until(`${count} ${type} ${wanted}`, so).catch(async (error) => {
      throw new Error(`${error.message}: ${JSON.stringify(await list(type))} ${router.lab.log('macvland')}`);
    });
  }

  /** Process ids of our servers by the id of the item. */
  function servers(): Record<string, number> {
    const found = readdirSync('/proc').flatMap((pid) => {
      const path = `/proc/${pid}/cmdline`;
      const text = /^\d+$/.test(pid) && existsSync(path) ? readFileSync(path, 'utf8') : '';
      if (!text.startsWith('dnsmasq')) return [];
      const key = text.split('\0').find((word) => word.startsWith(`${router.lab.run}/clients/`));
      return key === undefined ? [] : [[key.slice(key.lastIndexOf('/') + 1), Number(pid)] as const];
    });
    return Object.fromEntries(found);
  }

  test('a server with a pool waits for an address, and then tells its clients all that its network has', async () => {
    console_(SERVER);
    const [waiting] = await list('dhcp_server');
    assert.is(
      `${waiting?.name} ${waiting?.status}: ${waiting?.about}`,
      'dhcp1 waiting: interface office has no address; add one to it',
    );
    inRouter('ip', 'address', 'add', '192.0.2.1/24', 'dev', 'office');
    await status('dhcp_server', 1, 'serving');
    await office.bound();
    const { ip, mask, router: gateway, dns, ntpsrv, wins, domain, siaddr, boot_file, opt114, lease } = office.told;
    assert.match(String(ip), /^192\.0\.2\.1(0\d|10)$/);
    assert.equal(
      {
        mask,
        gateway,
        dns,
        ntpsrv,
        wins,
        domain,
        siaddr,
        boot_file,
        lease,
        opt114: Buffer.from(opt114!, 'hex').toString(),
      },
      {
        mask: '24',
        gateway: '192.0.2.1',
        dns: '192.0.2.53 192.0.2.54',
        ntpsrv: '192.0.2.7',
        wins: '192.0.2.8',
        domain: 'lan.example',
        siaddr: '192.0.2.9',
        boot_file: 'boot/pxe',
        lease: '600',
        opt114: 'http://192.0.2.1/',
      },
    );
  });

  test('its leases are counted, listed and printed', async () => {
    await until('the count', async () => (await list('dhcp_server'))[0]?.leases === 1);
    const { leases } = await router.call('macvlan.dhcp_server', 'leases', { name: 'dhcp1' });
    const [row, ...more] = leases as Record<string, unknown>[];
    assert.equal(more, []);
    const mac = JSON.parse(router.lab.in(office.ns, 'ip', '-json', 'link', 'show', 'dev', 'atether2'))[0].address;
    assert.is(row?.address, office.told.ip);
    assert.is(row?.mac_address, mac.toUpperCase());
    assert.ok(Number(row?.expires_after) > 500 && Number(row?.expires_after) <= 600, String(row?.expires_after));
    const printed = console_('/ip dhcp-server lease print\n');
    assert.match(printed, /^Columns: ADDRESS, MAC-ADDRESS, SERVER, STATUS, EXPIRES-AFTER$/m);
    assert.ok(printed.includes(`${office.told.ip}  ${mac.toUpperCase()}  dhcp1`), printed);
    assert.is(console_(`:put [/ip dhcp-server lease get [find server=dhcp1] address]\n`), `${office.told.ip}\n`);
    assert.match(router.lab.console('/ip dhcp-server lease add address=192.0.2.9\n').stderr, /lease/);
    const refusal = await router.refusal('macvlan.dhcp_server', 'leases', { name: 'none' });
    assert.is(refusal.status, 4);
  });

  test('with add-arp, a reply-only interface answers to those with a lease', async () => {
    console_('/interface macvlan set office arp=reply-only\n/ip dhcp-server set dhcp1 add-arp=yes\n');
    const entry = () => inRouter('ip', 'neigh', 'show', 'dev', 'office', 'nud', 'permanent');
    await until('the entry', () => entry().startsWith(`${office.told.ip} lladdr`));
    router.lab.in(office.ns, 'ping', '-q', '-c', '1', '-W', '2', '192.0.2.1');
    console_('/ip dhcp-server set dhcp1 add-arp=no\n/interface macvlan set office arp=enabled\n');
    await until('no entry', () => entry() === '');
  });

  test('a changed option is told at the renewal, and the lease is the same', async () => {
    const { ip } = office.told;
    const before = servers();
    console_('/ip dhcp-server network set [find] domain=other.example\n');
    await until(
      'another child',
      () => servers().dhcp_server_1 !== undefined && servers().dhcp_server_1 !== before.dhcp_server_1,
    );
    await status('dhcp_server', 1, 'serving');
    await office.renews();
    assert.is(`${office.told.ip} ${office.told.domain}`, `${ip} other.example`);
  });

  for (const [how, ...options] of [
    ['bound to one interface', '--bind-interfaces', '--interface=lan'],
    ['that follows several interfaces', '--bind-dynamic', '--interface=lan', '--interface=lan2'],
  ]) {
    test(`beside a system's dnsmasq ${how}, renewals arrive on both sides`, async () => {
      const lan = new Subscriber(router.lab, 'lan');
      inRouter('ip', 'address', 'add', '10.0.0.1/24', 'dev', 'lan');
      const file = `--dhcp-leasefile=${join(router.lab.folder, 'system-leases')}`;
      const plain = ['--keep-in-foreground', '--conf-file=/dev/null', '--user=root', '--pid-file=', '--port=0'];
      const range = '--dhcp-range=10.0.0.50,10.0.0.60,255.255.255.0,600';
      const system = router.lab.beside(router.lab.router, 'dnsmasq', ...plain, ...options, '--no-ping', range, file);
      await lan.bound();
      await lan.renews();
      await office.renews();
      // The other way round: ours starts while the system's runs.
      console_('/ip dhcp-server disable dhcp1\n');
      await status('dhcp_server', 1, 'stopped');
      console_('/ip dhcp-server enable dhcp1\n');
      await status('dhcp_server', 1, 'serving');
      await office.renews();
      await lan.renews();
      assert.ok(lan.told.ip?.startsWith('10.0.0.'));
      assert.ok(office.told.ip?.startsWith('192.0.2.'));
      await router.lab.stop(system, 'SIGTERM');
      await lan.stop();
      inRouter('ip', 'link', 'delete', 'lan');
      router.lab.removeNamespace(lan.ns);
    });
  }

  test("the manual's isolated networks are served as they are typed", async () => {
    console_(ISOLATED);
    await status('dhcp_network', 3, 'serving');
    const networks = await list('dhcp_network');
    assert.equal(
      networks.map(({ address, actual_interface, server, dynamic }) => [address, actual_interface, server, dynamic]),
      [
        ['192.0.2.0/24', 'office', 'dhcp1', false],
        ['192.168.100.0/24', 'macvlan-guest', undefined, true],
        ['192.168.200.0/24', 'macvlan-iot', undefined, true],
      ],
    );
    assert.equal(Object.keys(servers()).sort(), ['dhcp_network_2', 'dhcp_network_3', 'dhcp_server_1']);
  });

  test('on a wire of several servers a client has what one of them gave, and renews it there', async () => {
    await shared.bound();
    const { ip, router: gateway, serverid, mask } = shared.told;
    assert.match(String(ip), /^192\.168\.[12]00\.\d+$/);
    const own = ip!.replace(/\d+$/, '1');
    assert.is(`${gateway} ${serverid} ${mask}`, `${own} ${own} 24`);
    await shared.renews();
    await shared.stop();
    // What the other server does not have it refuses, and it asks again.
    for (const asked of ['192.168.100.77', '192.168.200.77']) {
      const before = shared.count('bound');
      shared.start('-r', asked);
      await until(`a lease for ${asked}`, () => shared.count('bound') > before);
      assert.is(shared.told.router, shared.told.ip!.replace(/\d+$/, '1'));
      await shared.stop();
    }
    shared.start();
    const before = shared.count('bound');
    await until('a lease', () => shared.count('bound') > before);
    assert.ok((await list('dhcp_network')).some(({ leases, dynamic }) => dynamic && Number(leases) > 0));
  });

  test('a crash of the daemon is none of the servers, and the next one takes them over', async () => {
    const before = servers();
    await router.lab.stopDaemon('SIGKILL');
    await office.renews();
    await shared.renews();
    await router.startDaemon();
    await status('dhcp_server', 1, 'serving');
    await status('dhcp_network', 3, 'serving');
    await office.renews();
    assert.equal(servers(), before);
    assert.is((await list('dhcp_server'))[0]?.leases, 1);
  });

  test('a macvlan that is renamed keeps the leases of its server', async () => {
    const before = (await list('dhcp_network')).find(({ leases, dynamic }) => dynamic && Number(leases) > 0)!;
    const { actual_interface: name } = before;
    for (const [from, to] of [
      [name, 'renamed'],
      ['renamed', name],
    ]) {
      console_(`/interface macvlan set ${from} name=${to}\n`);
      const after = { ...before, actual_interface: to };
      const shown = async () => (await list('dhcp_network')).find(({ id }) => id === before.id);
      await until('the server on it', async () => JSON.stringify(await shown()) === JSON.stringify(after));
    }
  });

  test('what keeps it from running is said in its own words; with dns it names itself', async () => {
    const plain = ['--keep-in-foreground', '--conf-file=/dev/null', '--user=root', '--pid-file=', '--no-resolv'];
    const system = router.lab.beside(router.lab.router, 'dnsmasq', ...plain, '--no-hosts');
    await until('the system to listen', () => inRouter('cat', '/proc/net/udp').includes(':0035 '));
    console_('/ip dhcp-server set dhcp1 dns=yes\n/ip dhcp-server network set 192.0.2.0/24 !dns-server\n');
    await status('dhcp_server', 1, 'error');
    assert.match(
      String((await list('dhcp_server'))[0]?.about),
      /^dnsmasq ended \(exit status 2: dnsmasq: .*in use\); next try in \d+ s$/,
    );
    await router.lab.stop(system, 'SIGTERM');
    await status('dhcp_server', 1, 'serving');
    await office.renews();
    assert.is(office.told.dns, '192.0.2.1');
  });

  test('what cannot be is refused', async () => {
    await router.call('macvlan', 'add', { interface: 'ether1', name: 'line' });
    await router.call('macvlan.dhcp_client', 'add', { interface: 'line' });
    const errors = [
      await router.refusal('macvlan.dhcp_server', 'add', { interface: 'line' }),
      await router.refusal('macvlan.dhcp_server', 'add', { interface: 'office' }),
      await router.refusal('macvlan.dhcp_server', 'set', { name: 'dhcp1', address_pool: 'none' }),
      await router.refusal('macvlan.dhcp_client', 'add', { interface: 'office' }),
      await router.refusal('macvlan.dhcp_client', 'add', { interface: 'macvlan-guest' }),
    ];
    assert.equal(
      errors.map(({ error }) => error),
      [
        'interface line cannot have a dhcp-server: it has a dhcp-client, which would be answered by it; remove or disable that first',
        'interface office already has a dhcp-server: dhcp1',
        'address_pool none does not exist; add it to /ip pool first',
        'interface office cannot have a dhcp-client: dhcp-server dhcp1 would answer it; remove or disable that first',
        'interface macvlan-guest cannot have a dhcp-client: dhcp-server network 192.168.100.0/24 would answer it; remove or disable that first',
      ],
    );
  });

  test('with dns it answers from the name servers of the lines', async () => {
    const { lab } = router;
    const plain = ['--keep-in-foreground', '--conf-file=/dev/null', '--user=root', '--pid-file=', '--no-resolv'];
    const names = ['--no-hosts', '--bind-interfaces', '--interface=wire', '--address=/host.example/192.0.2.77'];
    lab.beside(lab.isp, 'dnsmasq', ...plain, ...names);
    const asked = () => lab.in(office.ns, 'sh', '-c', 'busybox nslookup -type=a host.example 192.0.2.1 2>&1; true');
    await until('the answer', () => asked().includes('192.0.2.77')).catch((error) => {
      throw new Error(`${error.message}: ${asked()}`);
    });
  });

  test('without dnsmasq that is said, and all else works', async () => {
    await router.lab.stopDaemon('SIGKILL');
    for (const pid of Object.values(servers())) process.kill(pid);
    router.lab.startDaemon({ path: '/nowhere' });
    await router.served();
    await status('dhcp_server', 1, 'error');
    assert.is((await list('dhcp_server'))[0]?.about, 'dnsmasq is not installed');
    await router.call('macvlan', 'add', { interface: 'ether1', name: 'another' });
    assert.ok(router.links().some(({ ifname }) => ifname === 'another'));
    await router.lab.stopDaemon('SIGKILL');
    await router.startDaemon();
    await status('dhcp_server', 1, 'serving');
  });

  test('disabled, removed and taken down they end', async () => {
    console_('/ip dhcp-server disable dhcp1\n');
    await until('the end of one', () => servers().dhcp_server_1 === undefined);
    console_('/ip dhcp-server remove dhcp1\n/ip dhcp-server network remove 192.168.100.0/24\n');
    // The network of the removed one has a gateway of ours too: now its server is implied.
    const left = ['dhcp_network_1', 'dhcp_network_3'];
    await until('the end of another', () => Object.keys(servers()).sort().join() === left.join());
    await status('dhcp_network', 2, 'serving');
    // Whose server it is now does not matter to the client.
    await office.renews();
    await router.lab.stopDaemon('SIGKILL');
    assert.is(router.lab.daemonOnce('--down').status, 0);
    assert.equal(servers(), {});
  });

  test.run();
}

for (const runtime of ['node', 'qjs'] as const) served(runtime);
