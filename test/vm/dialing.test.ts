import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { inside } from './inside.ts';
import { firstPadis, noNftables, Provider, padis, SERVER, type Sniffer } from './provider.ts';

inside('uml');

/** What providers take as asked at once, in s. */
const ONE_MOMENT = 0.05;
const NAMES = Array.from({ length: 6 }, (_, n) => `out${n}`);

const dialing = suite('PPPoE: groups, on demand, multilink, encryption, IPv6');
let isp: Provider;

dialing.before(async () => {
  isp = await Provider.start({ me: 'secret' });
  isp.typed(NAMES.map((_, n) => `/interface macvlan add interface=ether1 name=m${n}`).join('\n'));
});
dialing.after(() => isp.close());

dialing('a dial-group of six: all ask at the same moment, and are let in', async () => {
  const sniffer = await isp.sniff();
  isp.typed(
    NAMES.map(
      (name, n) =>
        `/interface pppoe-client add interface=m${n} name=${name} user=me password=secret dial-group=isp keepalive-timeout=1`,
    ).join('\n'),
  );
  // The server, on the same processor, would come between them.
  await allAsk(sniffer);
  await isp.startServer();
  await isp.connected(...NAMES);
  sniffer.stop();
});

dialing('one of them is lost: it dials alone, and the others keep their sessions', async () => {
  const before = await isp.ids();
  const { active_ac_mac } = await isp.client('out2');
  assert.ok(active_ac_mac);
  const { local_address } = await isp.client('out2');
  process.kill(isp.serverSessions().find(({ ip }) => ip === local_address)!.pid, 'SIGTERM');
  await until('its end', async () => (await isp.client('out2')).last_error !== undefined);
  await isp.connected(...NAMES);
  const after = await isp.ids();
  assert.is.not(after.out2, before.out2);
  assert.equal({ ...after, out2: 0 }, { ...before, out2: 0 });
});

dialing('all are lost: they dial again at the same moment', async () => {
  // Six programs that start take longer on a machine that is busy with other things: one good one of three.
  let seconds = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3 && seconds >= ONE_MOMENT; round++) seconds = await loseAll();
  assert.ok(seconds < ONE_MOMENT, `${seconds} s`);
});

dialing('stagger: one second from each to the next', async () => {
  const sniffer = await isp.sniff();
  isp.typed('/interface pppoe-client disable [find]');
  await until('the end', async () => (await isp.clients()).every(({ status }) => status === 'disconnected'));
  await until('the end of their pppds', () => isp.pppds().length === 0);
  isp.typed('/interface pppoe-client set [find] stagger=1\n/interface pppoe-client enable [find]');
  await isp.connected(...NAMES);
  const firsts = firstPadis(padis(sniffer));
  assert.is(firsts.length, 6);
  // From the start of a pppd to its question it takes a while, and not always the same.
  for (let n = 1; n < 6; n++) assert.ok(firsts[n]! - firsts[n - 1]! > ONE_MOMENT, `${firsts[n]! - firsts[n - 1]!} s`);
  assert.ok(firsts[5]! - firsts[0]! > 4, `${firsts[5]! - firsts[0]!} s for all`);
  sniffer.stop();
});

dialing('on demand: nobody dials before there is something to send, and it hangs up when nothing is', async () => {
  await isp.serverWith();
  const sniffer = await isp.sniff();
  isp.typed(
    '/interface pppoe-client add interface=m0 name=out0 user=me password=secret dial-on-demand=yes idle-timeout=3s add-default-route=yes',
  );
  await until('its link', async () => (await isp.client('out0')).status === 'waiting for packets');
  assert.equal(padis(sniffer), []);
  await until('its route', () => /default dev out0 table 28022000/.test(isp.inRouter('ip route show table all')));
  for (let round = 0; round < 2; round++) {
    await until('an answer', () => isp.isAnswered('192.0.2.1'), 30_000);
    const client = await isp.client('out0');
    assert.equal([client.status, client.remote_address], ['connected', SERVER]);
    await until('its end', async () => (await isp.client('out0')).status === 'waiting for packets', 30_000);
    assert.is((await isp.client('out0')).last_error, 'nothing was sent or received for idle-timeout');
  }
  sniffer.stop();
});

dialing('mrru: whole packets of 1500 on an interface of 1500, and two clients of one user stay two', async () => {
  await isp.serverWith('multilink', 'mrru 1600');
  for (const n of [0, 1])
    isp.typed(`/interface pppoe-client add interface=m${n} name=out${n} user=me password=secret mrru=1600`);
  await isp.connected('out0', 'out1');
  for (const name of ['out0', 'out1']) {
    await until('its size', async () => (await isp.client(name)).mtu === 1500);
    const client = await isp.client(name);
    isp.inRouter(`ping -q -c 2 -i 0.2 -W 5 -M do -s 1472 -I ${client.local_address} ${SERVER}`);
  }
  assert.is.not((await isp.client('out0')).local_address, (await isp.client('out1')).local_address);
});

dialing('several interfaces are one session, also when one of them is lost', async () => {
  await isp.serverWith('multilink', 'lcp-echo-interval 1');
  isp.typed('/interface pppoe-client add interface=m0,m1 name=out0 user=me password=secret keepalive-timeout=1');
  await until('both links', async () => (await isp.client('out0')).active_links === 2, 30_000);
  const client = await isp.client('out0');
  assert.equal([client.status, client.about, client.mtu], ['connected', noNftables(client), 1492]);
  assert.is(isp.serverPids('pppd').length, 2);
  isp.inRouter(`ping -q -c 4 -i 0.2 -W 5 -M do -s 1464 -I ${client.local_address} ${SERVER}`);
  isp.typed('/interface macvlan disable m1');
  await until('the other one', async () => (await isp.client('out0')).active_links === 1, 30_000);
  const one = await isp.client('out0');
  assert.equal(
    [one.status, one.local_address, one.uptime! >= client.uptime!],
    ['connected', client.local_address, true],
  );
  assert.is(one.about, 'm1 does not carry the session: interface m1 is disabled');
  // Until the server has found out, too, it sends a part of each packet into the void.
  await until('an answer', () => isp.isAnswered(SERVER), 30_000);
  isp.pinged(one);
  isp.typed('/interface macvlan enable m1');
  await until('both links again', async () => (await isp.client('out0')).active_links === 2, 30_000);
  isp.pinged(client);
});

dialing('default-encryption: MPPE, which is shown; no session with a server that has none', async () => {
  await isp.serverWith('require-mschap-v2', 'require-mppe-128');
  isp.typed('/interface pppoe-client add interface=m0 name=out0 user=me password=secret profile=default-encryption');
  await isp.connected('out0');
  assert.is((await isp.client('out0')).encoding, 'MPPE 128-bit stateless');
  isp.inRouter(`ping -q -c 2 -i 0.2 -W 5 ${SERVER}`);
  isp.stopServer();
  await isp.startServer(['require-mschap-v2', 'nomppe']);
  await until('the reason', async () => /MPPE/.test(String((await isp.client('out0')).last_error)), 60_000);
});

dialing('IPv6: addresses of each line, used on it', async () => {
  await isp.serverWith('+ipv6');
  for (const n of [0, 1]) {
    isp.typed(`/interface pppoe-client add interface=m${n} name=out${n} user=me password=secret
/ipv6 dhcp-client add interface=out${n} request=address add-default-route=yes`);
  }
  await isp.connected('out0', 'out1');
  for (const name of ['out0', 'out1']) {
    const { local_ipv6_address, remote_ipv6_address } = await isp.client(name);
    assert.match(String(local_ipv6_address), /^fe80::/);
    assert.match(String(remote_ipv6_address), /^fe80::/);
  }
  await announce();
  const six = async () => await isp.router.list('dhcpv6_client');
  await until('both', async () => (await six()).every(({ address }) => address !== undefined), 60_000);
  for (const { address, gateway } of await six()) {
    assert.match(String(gateway), /^fe80::/);
    await until('its rule', () => isp.inRouter('ip -6 rule').includes(String(address).split('/')[0]!));
    isp.inRouter(`ping -6 -q -c 2 -i 0.2 -W 5 -I ${String(address).split('/')[0]} 2001:db8:ffff::1`);
  }
});

dialing.run();

/** Every line has asked once, and nobody twice; from the first to the last so many seconds. */
async function allAsk(sniffer: Sniffer): Promise<number> {
  await until('all to ask', () => firstPadis(padis(sniffer)).length === 6, 60_000);
  const firsts = firstPadis(padis(sniffer));
  assert.is(padis(sniffer).length, 6, 'nobody repeats its question before all have asked');
  const seconds = firsts.at(-1)! - firsts[0]!;
  console.log(`  6 PADIs within ${Math.round(1000 * seconds)} ms`);
  return seconds;
}

/** The server goes, and comes back when all have asked for it. */
async function loseAll(): Promise<number> {
  isp.stopServer();
  const isLost = async () => (await isp.clients()).every(({ status }) => status !== 'connected');
  await until('the ends', isLost, 60_000);
  const sniffer = await isp.sniff();
  const seconds = await allAsk(sniffer);
  await isp.startServer();
  await isp.connected(...NAMES);
  sniffer.stop();
  return seconds;
}

/** A subnet for each of the provider's PPP links, announced on it. */
async function announce(): Promise<void> {
  isp.inIsp('ip -6 address replace 2001:db8:ffff::1/128 dev lo');
  isp.inIsp('sysctl -qw net.ipv6.conf.all.forwarding=1');
  const links = JSON.parse(isp.inIsp('ip -json link show type ppp')).filter(
    ({ ifname }: { ifname?: string }) => ifname,
  );
  for (const { ifname } of links) isp.inIsp(`ip -6 address add 2001:db8:${ifname.slice(3)}1::1/64 dev ${ifname}`);
  isp.router.lab.beside(
    isp.router.lab.isp,
    ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--user=root', '--pid-file=', '--port=0'],
    ...['--bind-dynamic', '--enable-ra', '--ra-param=*,4,600'],
    ...links.flatMap(({ ifname }: { ifname: string }) => [
      `--interface=${ifname}`,
      `--dhcp-range=::,constructor:${ifname},ra-only`,
    ]),
  );
}
