import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { Behind } from '../live/behind.ts';
import { heard } from '../live/wire.ts';
import { inside } from './inside.ts';
import { FAR, Provider, SERVER } from './provider.ts';

inside('vm');

/** What keeps DHCP lines apart keeps PPP links apart, too: it takes nftables and PPP in one kernel. */
const marks = suite('PPPoE: marks, shared routes, hosts behind');
const NAMES = ['out1', 'out2'];
let isp: Provider;
let behind: Behind;
/** MAC addresses of the macvlans below, by the addresses of the sessions. */
let macs: Map<string, string>;

marks.before(async () => {
  isp = await Provider.start({ user1: 'pass1', user2: 'pass2' });
  const { lab } = isp.router;
  for (const name of ['all', 'default']) isp.inRouter(`sysctl -qw net.ipv4.conf.${name}.rp_filter=1`);
  await isp.startServer(['+ipv6']);
  isp.inIsp('sysctl -qw net.ipv4.ip_forward=1');
  behind = Behind.start(lab, 'out*');
  isp.typed(
    [1, 2]
      .map(
        (n) => `/interface macvlan add interface=ether1 name=m${n}
/interface pppoe-client add interface=m${n} name=out${n} user=user${n} password=pass${n} add-default-route=yes`,
      )
      .join('\n'),
  );
  await isp.connected(...NAMES);
  macs = await macsByAddress();
});
marks.after(() => isp.close());

marks('both are connected and miss nothing', async () => {
  for (const client of await isp.clients()) assert.equal([client.status, client.about], ['connected', undefined]);
  const table = isp.inRouter('nft list table inet macvlan');
  for (const name of NAMES) assert.match(table, new RegExp(`"${name}"`));
});

marks('ping -I works on each by address and by interface, near and far', async () => {
  const names = new Map((await isp.clients()).map((one) => [String(one.local_address), String(one.name)]));
  for (const to of [SERVER, FAR])
    for (const [address, mac] of macs) {
      const requests = await heard(isp.router.lab, 'pppoes and icmp[icmptype] = icmp-echo', () => {
        for (const source of [address, names.get(address)!]) isp.inRouter(`ping -qc1 -W5 -I ${source} ${to}`);
      });
      assert.equal(
        requests.map(({ from }) => from),
        [mac, mac],
      );
    }
});

marks('what comes in by a session for a host behind goes back by it', async () => {
  for (const [address, mac] of macs) {
    const replies = await heard(isp.router.lab, `pppoes and tcp src port 8080 and src host ${address}`, async () => {
      const { all, end } = behind.call(isp.router.lab.isp, address, 8080, 1, FAR);
      await all();
      await end();
    });
    assert.ok(replies.length > 2, `${address} answers`);
    assert.equal([...new Set(replies.map(({ from }) => from))], [mac]);
  }
});

marks('connections from behind are shared out among both, and each stays on its own', async () => {
  const { all, answers, end } = behind.call(behind.ns, FAR, 9000, 30);
  const sent = await heard(isp.router.lab, 'pppoes and tcp dst port 9000', all);
  await end();
  const used = [...answers().values()].map(([first]) => first!);
  assert.equal([...new Set(used)].sort(), [...macs.keys()].sort());
  for (const { from, text } of sent) assert.is(from, macs.get(/([\d.]+)\.\d+ >/.exec(text)![1]!));
});

marks('one is lost: connections of the other go on, and new ones take it', async () => {
  const [kept, lost] = [...macs.keys()];
  const { all, answers, end } = behind.call(behind.ns, FAR, 9000, 20);
  await all();
  const name = (await isp.clients()).find(({ local_address }) => local_address === lost)!.name;
  isp.typed(`/interface pppoe-client disable ${name}`);
  await until('its end', async () => (await isp.client(String(name))).status === 'disconnected');
  const rest = () => [...answers().values()].filter(([first]) => first === kept);
  const before = rest().map(({ length }) => length);
  assert.ok(before.length > 0);
  await until('more words', () => rest().every(({ length }, n) => length > before[n]!));
  assert.ok(rest().every((rows) => new Set(rows).size === 1));
  const more = behind.call(behind.ns, FAR, 9000, 10);
  await more.all();
  assert.equal([...new Set([...more.answers().values()].map(([first]) => first))], [kept]);
  for (const calls of [{ end }, more]) await calls.end();
  isp.typed(`/interface pppoe-client enable ${name}`);
  await isp.connected(...NAMES);
  macs = await macsByAddress();
});

marks('a ruleset and rules that somebody flushes come back', async () => {
  const rules = () => isp.inRouter('ip rule').split('\n').sort().join('\n');
  const before = rules();
  isp.inRouter('ip rule flush');
  for (const [table, priority] of [
    ['main', 32766],
    ['default', 32767],
  ])
    isp.inRouter(`ip rule add lookup ${table} priority ${priority}`);
  isp.inRouter('nft delete table inet macvlan');
  await until('the rules', () => rules() === before);
  await until('the marks', () => /"out2"/.test(isp.inRouter('nft list ruleset')));
  for (const client of await isp.clients()) isp.pinged(client, FAR);
});

marks('when all are gone nothing is left', async () => {
  await isp.router.call('macvlan', 'shutdown');
  assert.not.match(isp.inRouter('nft list tables'), 'macvlan');
  assert.is(isp.inRouter('ip route show table all proto 109'), '');
  assert.is(isp.inRouter('ip rule').split('\n').filter(Boolean).length, 3);
});

marks.run();

async function macsByAddress(): Promise<Map<string, string>> {
  const byName = new Map((await isp.router.list('macvlan')).map((one) => [one.name, String(one.mac_address)]));
  return new Map((await isp.clients()).map((one) => [String(one.local_address), byName.get(one.interface)!]));
}
