import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RuntimeName, until } from '../../lab/lab.ts';
import { Router } from './router.ts';
import { Subscriber } from './subscriber.ts';

/** The manual's isolated networks, with a host in each and something outside that both may reach. */

/** As they are typed, on whatever ports. */
const manual = (guest: string, iot: string) => `
/interface macvlan add interface=${guest} name=macvlan-guest mode=private
/interface macvlan add interface=${iot} name=macvlan-iot mode=private
/ip address add address=192.168.100.1/24 interface=macvlan-guest
/ip address add address=192.168.200.1/24 interface=macvlan-iot
/ip dhcp-server network add address=192.168.100.0/24 gateway=192.168.100.1
/ip dhcp-server network add address=192.168.200.0/24 gateway=192.168.200.1
`;
const OUTSIDE = ['192.0.2.1', 'fd00:9::1'];

/** A way to try: to this address, which is there for it, by the gateway or through whoever has a MAC address. */
interface Way {
  readonly to: string;
  readonly mac?: string;
  readonly source?: string;
}

/** A host in one of the networks. */
class Host {
  address = '';
  readonly dev: string;
  readonly gateway: string;
  /** An address of no network here. */
  readonly stranger: string;

  /** `net`: the third number of its network, and the second of its IPv6 prefix. */
  constructor(
    readonly client: Subscriber,
    readonly net: 100 | 200,
    readonly macvlan: string,
  ) {
    this.dev = `at${client.port}`;
    this.gateway = `192.168.${net}.1`;
    this.stranger = `10.99.99.${net}`;
    // What arrives is kept by the address that it was sent to, answered or not.
    const { dev } = this;
    this.run('nft', 'add table inet heard');
    for (const [name, type] of [
      ['asked4', 'ipv4_addr'],
      ['asked6', 'ipv6_addr'],
    ])
      this.run('nft', `add set inet heard ${name} { type ${type}; flags dynamic; }`);
    this.run('nft', 'add chain inet heard input { type filter hook input priority 0; }');
    this.run('nft', 'add rule inet heard input icmp type echo-request add @asked4 { ip daddr }');
    this.run('nft', 'add rule inet heard input icmpv6 type echo-request add @asked6 { ip6 daddr }');
    this.run('nft', 'add table netdev heard');
    this.run('nft', 'add set netdev heard servers { type ether_addr; flags dynamic; }');
    this.run('nft', `add chain netdev heard arriving { type filter hook ingress device ${dev} priority 0; }`);
    this.run('nft', 'add rule netdev heard arriving udp sport 67 add @servers { ether saddr }');
  }

  run(...command: string[]): string {
    return this.client.lab.in(this.client.ns, ...command);
  }

  ipv4 = (n: number) => `192.168.${this.net}.${n}`;
  ipv6 = (n: number) => `fd00:${this.net}::${n}`;

  /** Whom the ways lead to: its address, and one for each further way. */
  settles(address: string): void {
    this.address = address;
    const { dev } = this;
    this.run('ip', '-4', 'address', 'flush', 'dev', dev);
    for (const n of [address, ...[241, 242, 243, 244].map(this.ipv4)])
      this.run('ip', 'address', 'replace', `${n}/24`, 'dev', dev);
    for (const n of [2, 241, 242]) this.run('ip', 'address', 'replace', `${this.ipv6(n)}/64`, 'dev', dev, 'nodad');
    this.run('ip', 'address', 'replace', `${this.stranger}/32`, 'dev', dev);
    this.run('ip', 'route', 'replace', 'default', 'via', this.gateway, 'src', address);
    this.run('ip', 'route', 'replace', 'default', 'via', this.ipv6(1));
  }

  /** All at once, for what does not arrive is waited for. */
  tries(ways: readonly Way[]): void {
    for (const [n, { to, mac }] of ways.entries()) {
      if (mac === undefined) continue;
      const hop = to.includes(':') ? `fe80::77:${n}` : `169.254.77.${n}`;
      this.run('ip', 'neigh', 'replace', hop, 'lladdr', mac, 'dev', this.dev, 'nud', 'permanent');
      this.run('ip', 'route', 'replace', to, 'via', hop, 'dev', this.dev, 'onlink');
    }
    const pings = ways.map(({ to, source }) => `ping -qc1 -W1 ${source ? `-I ${source}` : ''} ${to} >/dev/null &`);
    this.run('sh', '-c', `${pings.join(' ')} wait`);
  }

  get asked(): string {
    return this.#set('inet', 'asked4') + this.#set('inet', 'asked6');
  }

  get servers(): string {
    return this.#set('netdev', 'servers');
  }

  #set(family: string, name: string): string {
    return this.run('nft', 'list', 'set', family, 'heard', name);
  }

  forgets(): void {
    for (const name of ['asked4', 'asked6']) this.run('nft', 'flush', 'set', 'inet', 'heard', name);
  }
}

/** The router and its two hosts. */
class Networks {
  guest!: Host;
  iot!: Host;
  readonly outside: string;

  private constructor(readonly router: Router) {
    const { lab } = router;
    this.outside = lab.namespace('outside');
    this.inRouter('sysctl', '-qw', ...['all', 'default'].map((name) => `net.ipv4.conf.${name}.rp_filter=0`));
    this.inRouter('ip', 'link', 'add', 'wan', 'type', 'veth', 'peer', 'name', 'wan', 'netns', this.outside);
    for (const [ns, n] of [
      [lab.router, 2],
      [this.outside, 1],
    ] as const) {
      lab.in(ns, 'ip', 'link', 'set', 'wan', 'up');
      lab.in(ns, 'ip', 'address', 'add', `192.0.2.${n}/24`, 'dev', 'wan');
      lab.in(ns, 'ip', 'address', 'add', `fd00:9::${n}/64`, 'dev', 'wan', 'nodad');
    }
    this.inRouter('ip', 'route', 'add', 'default', 'via', '192.0.2.1');
    this.inRouter('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
    this.masquerade();
  }

  static async start(runtime: RuntimeName): Promise<Networks> {
    const router = await Router.start(runtime);
    await router.lab.stopProvider();
    return new Networks(router);
  }

  inRouter = (...command: string[]) => this.router.lab.in(this.router.lab.router, ...command);

  /** As a firewall does it; whoever is outside knows no way back. */
  masquerade(): void {
    this.inRouter('nft', 'add table inet nat');
    this.inRouter('nft', 'add chain inet nat post { type nat hook postrouting priority srcnat; }');
    this.inRouter('nft', 'add rule inet nat post oifname wan masquerade');
  }

  console(script: string): string {
    const { status, stdout, stderr } = this.router.lab.console(script);
    assert.is(stderr, '');
    assert.is(status, 0);
    return stdout;
  }

  async serve(guestPort: string, iotPort: string): Promise<void> {
    this.console(manual(guestPort, iotPort));
    await this.serving();
    for (const host of [this.guest, this.iot])
      this.inRouter('ip', 'address', 'add', `${host.ipv6(1)}/64`, 'dev', host.macvlan, 'nodad');
  }

  async serving(): Promise<void> {
    await until('both servers', async () => {
      const { dhcp_network } = await this.router.call('macvlan.dhcp_network', 'list');
      return (dhcp_network as { status: string }[]).filter(({ status }) => status === 'serving').length === 2;
    });
  }

  macOf(dev: string): string {
    return this.inRouter('cat', `/sys/class/net/${dev}/address`).trim();
  }

  /** Which ways from one to the other lead there. */
  ways(from: Host, to: Host): Record<string, boolean> {
    const port = /@(\w+):/.exec(this.inRouter('ip', '-o', 'link', 'show', 'dev', from.macvlan))![1]!;
    const [mac, below] = [this.macOf(from.macvlan), this.macOf(port)];
    const ways: Record<string, Way> = {
      'IPv4 by the gateway': { to: to.address },
      'IPv4 through the macvlan': { to: to.ipv4(241), mac },
      'IPv4 through its port': { to: to.ipv4(242), mac: below },
      'a stranger through the macvlan': { to: to.ipv4(243), mac, source: from.stranger },
      'a stranger through its port': { to: to.ipv4(244), mac: below, source: from.stranger },
      'IPv6 by the gateway': { to: to.ipv6(2) },
      'IPv6 through the macvlan': { to: to.ipv6(241), mac },
      'IPv6 through its port': { to: to.ipv6(242), mac: below },
    };
    to.forgets();
    from.tries(Object.values(ways));
    const asked = to.asked.split(/[\s,{}]+/);
    return Object.fromEntries(Object.entries(ways).map(([name, way]) => [name, asked.includes(way.to)]));
  }

  /** Both ways round, each way is open, or none is. */
  areOpen(value: boolean): void {
    const { guest, iot } = this;
    for (const [from, to] of [
      [guest, iot],
      [iot, guest],
    ] as const) {
      const found = this.ways(from, to);
      assert.equal(found, Object.fromEntries(Object.keys(found).map((name) => [name, value])));
    }
  }

  reachOutside(): void {
    for (const { client } of [this.guest, this.iot])
      for (const target of OUTSIDE) this.router.lab.in(client.ns, 'ping', '-qc1', '-W5', target);
  }

  async rulesAreBack(): Promise<void> {
    await until('our table', () => this.inRouter('nft', 'list', 'tables').includes('inet macvlan'));
  }
}

/** A port for each macvlan. */
function apart(runtime: RuntimeName): void {
  const test = suite(`isolated networks under ${runtime}`);
  let nets: Networks;

  test.before(async () => {
    nets = await Networks.start(runtime);
    const { lab } = nets.router;
    nets.guest = new Host(new Subscriber(lab, 'ether2'), 100, 'macvlan-guest');
    nets.iot = new Host(new Subscriber(lab, 'ether3'), 200, 'macvlan-iot');
  });
  test.after(() => nets.router.close());

  test('each host gets an address of its own network; print says that they are isolated', async () => {
    await nets.serve('ether2', 'ether3');
    for (const host of [nets.guest, nets.iot]) {
      await host.client.bound();
      const { ip, router } = host.client.told;
      assert.is(router, host.gateway);
      assert.ok(ip!.startsWith(`192.168.${host.net}.`), ip);
      host.settles(ip!);
    }
    const printed = nets.console('/interface macvlan print detail\n');
    assert.is(printed.match(/isolated=yes/g)?.length, 2, printed);
  });

  test('no way leads from one to the other, and both reach the outside', () => {
    nets.areOpen(false);
    nets.reachOutside();
  });

  test('the outside is no isolated network', () => {
    const { lab } = nets.router;
    lab.in(nets.outside, 'ip', 'route', 'add', '192.168.0.0/16', 'via', '192.0.2.2');
    for (const { address } of [nets.guest, nets.iot]) lab.in(nets.outside, 'ping', '-qc1', '-W5', address);
    lab.in(nets.outside, 'ip', 'route', 'delete', '192.168.0.0/16');
  });

  test('with isolate=no on one of them every way leads there, without it none again', () => {
    // Source routing has the kernel drop some of it by itself.
    nets.console('/ip address set [find] source-routing=no\n/interface macvlan set macvlan-iot isolate=no\n');
    nets.areOpen(true);
    nets.console('/interface macvlan set macvlan-iot !isolate\n');
    nets.areOpen(false);
  });

  test('rules that somebody flushes come back', async () => {
    nets.inRouter('nft', 'flush', 'ruleset');
    await nets.rulesAreBack();
    nets.masquerade();
    nets.areOpen(false);
    nets.reachOutside();
  });

  test('without nft that is said', async () => {
    const { lab } = nets.router;
    await lab.stopDaemon('SIGKILL');
    nets.inRouter('nft', 'delete', 'table', 'inet', 'macvlan');
    await nets.router.startDaemon({ path: '/nowhere' });
    const said = /^to be isolated it needs nftables: .*; until then it is not$/;
    const abouts = async () => (await nets.router.list('macvlan')).map(({ about }) => String(about));
    await until('both to say so', async () => (await abouts()).filter((about) => said.test(about)).length === 2);
    assert.match(lab.log('macvland'), /^macvland: set nftables inet macvlan: /m);
    await lab.stopDaemon('SIGKILL');
    await nets.router.startDaemon();
    await nets.rulesAreBack();
    nets.areOpen(false);
  });

  test.run();
}

/** Both on one port, as the manual has it; both hosts hang on the other end of its wire. */
function together(runtime: RuntimeName): void {
  const test = suite(`isolated networks on one port under ${runtime}`);
  let nets: Networks;

  test.before(async () => {
    nets = await Networks.start(runtime);
    const { lab } = nets.router;
    const onSwitch = (name: string) => {
      const client = new Subscriber(lab, name, lab.isp);
      lab.in(lab.isp, 'ip', 'link', 'set', name, 'master', 'switch');
      return client;
    };
    lab.in(lab.isp, 'ip', 'link', 'add', 'switch', 'up', 'type', 'bridge', 'forward_delay', '0');
    lab.in(lab.isp, 'ip', 'link', 'set', 'wire', 'master', 'switch');
    nets.guest = new Host(onSwitch('guest'), 100, 'macvlan-guest');
    nets.iot = new Host(onSwitch('iot'), 200, 'macvlan-iot');
  });
  test.after(() => nets.router.close());

  test('they share one wire: both servers hear each client, and whichever answers first has it', async () => {
    await nets.serve('ether1', 'ether1');
    const { guest, iot } = nets;
    await guest.client.bound();
    assert.match(guest.client.told.ip!, /^192\.168\.[12]00\./);
    for (const { macvlan } of [guest, iot])
      await until(`an answer of ${macvlan}`, () => guest.servers.includes(nets.macOf(macvlan)));
    await guest.client.stop();
  });

  test('the router leads none to the other, and both to the outside', () => {
    nets.guest.settles('192.168.100.60');
    nets.iot.settles('192.168.200.60');
    nets.areOpen(false);
    nets.reachOutside();
  });

  test('what does not need the router it cannot keep from them', () => {
    const { guest, iot } = nets;
    for (const [from, to] of [
      [guest, iot],
      [iot, guest],
    ] as const)
      from.run('ip', 'route', 'replace', to.address, 'dev', from.dev, 'src', from.address);
    guest.run('ping', '-qc1', '-W5', iot.address);
  });

  test('in mode source each server hears its own hosts only, and the router still leads none to the other', async () => {
    const hosts = [nets.guest, nets.iot];
    const macs = hosts.map((host) => host.run('cat', `/sys/class/net/${host.dev}/address`).trim());
    for (const [n, { macvlan }] of hosts.entries())
      nets.console(`/interface macvlan set ${macvlan} mode=source source-mac=${macs[n]} isolate=yes\n`);
    await nets.serving();
    for (const host of hosts) {
      await host.client.bound();
      assert.is(host.client.told.router, host.gateway);
      host.settles(host.client.told.ip!);
    }
    nets.areOpen(false);
    nets.reachOutside();
  });

  test.run();
}

for (const runtime of ['node', 'qjs'] as const) {
  apart(runtime);
  together(runtime);
}
