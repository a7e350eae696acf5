import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { Router } from './router.ts';

/** How a macvlan answers ARP, asked from the provider's side; 192.0.2.0/24 is between the two, 203.0.113.0/24 behind the router. */
const arp = suite('arp');
let router: Router;

arp.before(async () => {
  router = await Router.start('qjs');
  const { lab } = router;
  lab.in(lab.isp, 'ip', 'address', 'add', '192.0.2.9/24', 'dev', 'wire');
  await router.call('macvlan', 'add', { interface: 'ether1', name: 'm' });
  lab.in(lab.router, 'ip', 'address', 'add', '192.0.2.1/24', 'dev', 'm');
  lab.in(lab.router, 'ip', 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'far');
  lab.in(lab.router, 'ip', 'address', 'add', '203.0.113.1/24', 'dev', 'lan');
  for (const name of ['lan', 'far']) lab.in(lab.router, 'ip', 'link', 'set', name, 'up');
  // The port itself is not to answer for the macvlan's address.
  lab.in(lab.router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.ether1.arp_ignore=1');
});
arp.after(() => router.close());

/** The MAC addresses that answer when the provider asks for an address; a proxy may take its time. */
function answers(address: string, source = '192.0.2.9'): string[] {
  const { lab } = router;
  const text = lab.in(lab.isp, 'sh', '-c', `arping -f -w 1 -I wire -s ${source} ${address}; true`);
  return [...new Set([...text.matchAll(/from \S+ \[([0-9A-F:]+)\]/gi)].map((match) => match[1]!.toUpperCase()))];
}

async function set(args: Record<string, string>): Promise<void> {
  await router.call('macvlan', 'set', { name: 'm', ...args });
}

async function own(): Promise<string> {
  const [m] = await router.list('macvlan');
  return String(m?.mac_address);
}

function neighbours(...args: string[]): string {
  return router.lab.in(router.lab.router, 'ip', 'neigh', 'show', ...args, 'dev', 'm');
}

const ISP_MAC = () =>
  JSON.parse(router.lab.in(router.lab.isp, 'ip', '-json', 'link', 'show', 'dev', 'wire'))[0].address.toUpperCase();

const ROWS: { mode: string; own: boolean; otherInterface: boolean; sameSubnet: boolean }[] = [
  { mode: 'enabled', own: true, otherInterface: false, sameSubnet: false },
  { mode: 'disabled', own: false, otherInterface: false, sameSubnet: false },
  { mode: 'proxy-arp', own: true, otherInterface: true, sameSubnet: false },
  { mode: 'local-proxy-arp', own: true, otherInterface: false, sameSubnet: true },
  { mode: 'enabled', own: true, otherInterface: false, sameSubnet: false },
];

for (const { mode, ...expected } of ROWS) {
  arp(`${mode}: ${JSON.stringify(expected)}`, async () => {
    const before = router.links();
    await set({ arp: mode });
    assert.equal(router.links(), before, 'on the living link');
    const mac = await own();
    assert.equal(
      {
        own: answers('192.0.2.1').includes(mac),
        otherInterface: answers('203.0.113.7').includes(mac),
        sameSubnet: answers('192.0.2.7').includes(mac),
      },
      expected,
    );
  });
}

arp('reply-only answers the pairs of /ip arp, learns nobody, and reaches whom it has an entry of', async () => {
  const { lab } = router;
  neighbours('nud', 'reachable');
  await set({ arp: 'reply-only' });
  assert.equal(answers('192.0.2.1'), []);
  lab.in(lab.router, 'ip', 'neigh', 'flush', 'dev', 'm');
  const { id } = await router.call('macvlan.arp', 'add', {
    address: '192.0.2.9',
    interface: 'm',
    mac_address: ISP_MAC(),
  });
  assert.equal(answers('192.0.2.1'), [await own()]);
  assert.equal(answers('192.0.2.1', '192.0.2.99'), [], 'another address from the same host is another pair');
  assert.match(neighbours(), /^192\.0\.2\.9 lladdr \S+ PERMANENT proto 109 *\n$/m);
  lab.in(lab.router, 'ping', '-q', '-c', '1', '-W', '1', '-I', 'm', '192.0.2.9');
  const [entry] = await router.list('arp');
  assert.is(`${entry?.complete} ${entry?.mac_address} ${entry?.about}`, `true ${ISP_MAC()} undefined`);
  await router.call('macvlan.arp', 'remove', { id: String(id) });
  assert.equal(answers('192.0.2.1'), []);
  assert.is(neighbours().replace(/.*(FAILED|INCOMPLETE).*\n/g, ''), '');
});

arp('rules that a firewall flushes are back at once', async () => {
  const { lab } = router;
  const rules = () => lab.in(lab.router, 'nft', 'list', 'ruleset');
  const before = rules();
  assert.match(before, /table arp macvlan/);
  lab.in(lab.router, 'nft', 'flush', 'ruleset');
  await until('the rules to be back', () => rules() === before);
  assert.equal(answers('192.0.2.1'), []);
  await set({ arp: 'enabled' });
  assert.is(rules(), '');
  assert.equal(answers('192.0.2.1'), [await own()]);
});

arp('a published entry is answered for while the way to it leads elsewhere', async () => {
  assert.equal(answers('203.0.113.7'), []);
  await router.call('macvlan.arp', 'add', { address: '203.0.113.7', interface: 'm', published: 'yes' });
  assert.equal(answers('203.0.113.7'), [await own()]);
  assert.match(
    router.lab.in(router.lab.router, 'ip', 'neigh', 'show', 'proxy'),
    /203\.0\.113\.7 dev m proxy proto 109/,
  );
  await router.call('macvlan.arp', 'disable', { name: '203.0.113.7' });
  assert.equal(answers('203.0.113.7'), []);
});

arp('static entries come back after the link was down, and of one on a port only ours is touched', async () => {
  const { lab } = router;
  const of = (dev: string) => lab.in(lab.router, 'ip', 'neigh', 'show', 'dev', dev, 'nud', 'permanent');
  lab.in(
    lab.router,
    'ip',
    'neigh',
    'add',
    '192.0.2.50',
    'lladdr',
    '02:00:00:00:00:50',
    'nud',
    'permanent',
    'dev',
    'ether1',
  );
  const entry = { address: '192.0.2.51', mac_address: '02-00-00-00-00-51' };
  await router.call('macvlan.arp', 'add', { ...entry, interface: 'm' });
  await router.call('macvlan.arp', 'add', { ...entry, interface: 'ether1' });
  lab.in(lab.router, 'ip', 'link', 'set', 'dev', 'm', 'down');
  await until('the entry', () => of('m').includes('192.0.2.51 lladdr 02:00:00:00:00:51'));
  const twice = await router.refusal('macvlan.arp', 'add', { ...entry, interface: 'ether1' });
  assert.match(String(twice.error), /^address 192\.0\.2\.51 on ether1 already has an entry \(arp_\d\)$/);
  for (const { id } of await router.list('arp')) await router.call('macvlan.arp', 'remove', { id: String(id) });
  assert.is(of('m'), '');
  assert.is(of('ether1').trim(), '192.0.2.50 lladdr 02:00:00:00:00:50 PERMANENT');
});

arp('arp-timeout is the time that the kernel believes an entry, and auto its own', async () => {
  const time = () =>
    router.lab.in(router.lab.router, 'cat', '/proc/sys/net/ipv4/neigh/m/base_reachable_time_ms').trim();
  const delay = () => router.lab.in(router.lab.router, 'cat', '/proc/sys/net/ipv4/neigh/m/proxy_delay').trim();
  const before = [time(), delay()];
  await set({ arp_timeout: '2m' });
  assert.is(time(), '120000');
  await set({ arp: 'proxy-arp' });
  assert.is(delay(), '0');
  // A daemon that finds other times than wanted sets them right, also when nothing is wanted.
  await router.lab.stopDaemon('SIGKILL');
  router.config = router.config.replace(/\n\toption arp_timeout .*/, '').replace(/\n\toption arp .*/, '');
  await router.startDaemon();
  await until('the default times', () => time() === before[0] && delay() === before[1]);
});

arp('without nft a reply-only link answers nobody, and says why', async () => {
  await router.lab.stopDaemon('SIGKILL');
  router.lab.startDaemon({ path: '/nowhere' });
  await router.served();
  await set({ arp: 'reply-only' });
  await until('the reason', async () => /needs nftables/.test(String((await router.list('macvlan'))[0]?.about)));
  assert.equal(answers('192.0.2.1'), []);
});

arp.run();
