import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RuntimeName, sleep, until } from '../../lab/lab.ts';
import { Behind } from './behind.ts';
import { Router } from './router.ts';
import { heard } from './wire.ts';

/** A host behind the router, which masquerades it and passes on port 8080 to it, with three lines of one subnet. */

const FAR = '192.0.2.99';
const LINES = ['line1', 'line2', 'line3'];
for (const runtime of ['qjs', 'node'] as RuntimeName[]) {
  const lan = suite(`the LAN behind under ${runtime}`);
  let router: Router;
  let behind: Behind;
  /** MAC addresses by the lines' addresses. */
  let macs: Map<string, string>;
  const inRouter = (...command: string[]) => router.lab.in(router.lab.router, ...command);

  async function addressesOf(): Promise<Map<string, string>> {
    const byName = new Map((await router.list('macvlan')).map(({ name, mac_address }) => [name, String(mac_address)]));
    const clients = (await router.list('dhcp_client')).filter(({ address }) => address);
    return new Map(clients.map((one) => [String(one.address).replace(/\/.*/, ''), byName.get(one.interface)!]));
  }

  lan.before(async () => {
    router = await Router.start(runtime);
    const { lab } = router;
    for (const name of ['all', 'default', 'ether1']) inRouter('sysctl', '-qw', `net.ipv4.conf.${name}.rp_filter=1`);
    lab.in(lab.isp, 'ip', 'address', 'add', `${FAR}/32`, 'dev', 'lo');
    behind = Behind.start(lab, 'line*');
    const script = LINES.map(
      (name) => `/interface macvlan add interface=ether1 name=${name}\n/ip dhcp-client add interface=${name}`,
    );
    await router.call('macvlan', 'import', { script: script.join('\n') });
    await router.bound(LINES.length, 60_000);
    macs = await addressesOf();
    await until('the marks', () => inRouter('nft', 'list', 'tables').includes('inet macvlan'));
    await until('rules', () => inRouter('ip', 'rule').split('804:').length === LINES.length + 1);
  });
  lan.after(() => router.close());

  lan('what comes in by a line for a host behind goes back by it, near and far', async () => {
    for (const source of ['198.51.100.1', FAR]) {
      for (const [address, mac] of macs) {
        const replies = await heard(router.lab, `tcp src port 8080 and src host ${address}`, async () => {
          const { all, end } = behind.call(router.lab.isp, address, 8080, 1, source);
          await all();
          await end();
        });
        assert.ok(replies.length > 2, `${address} answers ${source}`);
        assert.equal([...new Set(replies.map(({ from }) => from))], [mac]);
      }
    }
  });

  lan('connections from behind are shared out among all lines, and each stays on its own', async () => {
    const { all, answers, end } = behind.call(behind.ns, FAR, 9000, 40);
    const sent = await heard(router.lab, 'tcp dst port 9000', async () => {
      await all();
      await sleep(1000);
    });
    await end();
    const used = [...answers().values()].map((rows) => rows[0]!);
    assert.equal([...new Set(used)].sort(), [...macs.keys()].sort());
    for (const { from, text } of sent) assert.is(from, macs.get(/: ([\d.]+)\.\d+ >/.exec(text)![1]!));
  });

  lan('a line that goes, and one that comes, leave the connections of the others alone', async () => {
    const { all, answers, end } = behind.call(behind.ns, FAR, 9000, 40);
    await all();
    const [gone] = (await router.list('dhcp_client')).map(({ address }) => String(address).replace(/\/.*/, ''));
    await router.call('macvlan.dhcp_client', 'disable', { name: LINES[0]! });
    await until('the lease to go', async () => !(await addressesOf()).has(gone!));
    const rest = () => [...answers().values()].filter(([first]) => first !== gone);
    const before = rest().map(({ length }) => length);
    const sent = await heard(router.lab, `tcp dst port 9000 and not src host ${gone}`, () => sleep(1000));
    for (const { from, text } of sent) assert.is(from, macs.get(/: ([\d.]+)\.\d+ >/.exec(text)![1]!));
    for (const [n, rows] of rest().entries()) {
      assert.ok(rows.length > before[n]!, `${rows[0]} goes on`);
      assert.is(new Set(rows).size, 1, rows.join());
    }
    await router.call('macvlan.dhcp_client', 'enable', { name: LINES[0]! });
    await router.bound(LINES.length, 30_000);
    const counts = rest().map(({ length }) => length);
    await sleep(1000);
    for (const [n, rows] of rest().entries()) {
      assert.ok(rows.length > counts[n]!, `${rows[0]} goes on when the line is back`);
      assert.is(new Set(rows).size, 1, rows.join());
    }
    await end();
  });

  lan('default-route-weight says how many of them a line gets', async () => {
    await router.call('macvlan.dhcp_client', 'set', { name: 'line2', default_route_weight: 9 });
    macs = await addressesOf();
    const byName = new Map((await router.list('dhcp_client')).map((one) => [one.interface, String(one.address)]));
    const { all, answers, end } = behind.call(behind.ns, FAR, 9000, 60);
    await all();
    await end();
    const used = [...answers().values()].filter(([first]) => byName.get('line2')!.startsWith(`${first}/`));
    assert.ok(used.length > 30, `${used.length} of 60 where 49 are its share`);
  });

  lan('the router itself answers a host behind at the address of a line', async () => {
    for (const address of macs.keys()) router.lab.in(behind.ns, 'ping', '-qc1', '-W2', address);
  });

  lan.run();
}
