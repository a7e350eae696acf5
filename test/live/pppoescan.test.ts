import type { ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RuntimeName, until } from '../../lab/lab.ts';
import { Router } from './router.ts';

/** Access concentrators of rp-pppoe: they answer who looks for them also where the kernel has no PPP. */
const [ONE, TWO] = ['02:00:5E:00:00:01', '02:00:5E:00:00:02'];
const BOTH = [
  { service: '', mac_address: TWO, ac_name: 'ac two' },
  { service: 'internet', mac_address: ONE, ac_name: 'ac-one' },
  { service: 'iptv', mac_address: ONE, ac_name: 'ac-one' },
];

for (const runtime of ['qjs', 'node'] as RuntimeName[]) {
  const test = suite(`scan for PPPoE under ${runtime}`);
  let router: Router;
  const inRouter = (...command: string[]) => router.lab.in(router.lab.router, ...command);
  const inIsp = (...command: string[]) => router.lab.in(router.lab.isp, ...command);

  test.before(async () => {
    router = await Router.start(runtime);
    for (const [n, mac] of [ONE, TWO].entries())
      inIsp(...`ip link add ac${n} link wire address ${mac} up type macvlan mode bridge`.split(' '));
    await up();
  });
  test.after(() => router.close());

  const descriptors = () => readdirSync(`/proc/${router.lab.daemonPid}/fd`).length;

  /** The port, as the daemon sees it too. */
  async function up(): Promise<void> {
    inRouter('ip', 'link', 'set', 'ether1', 'up');
    await until('the port', () => scan('ether1', 1).then(Array.isArray, () => false));
  }

  const scan = async (name: string, duration?: number) => {
    const args = { interface: name, ...(duration !== undefined && { duration }) };
    const { servers } = await router.call('macvlan.pppoe_client', 'scan', args);
    return (servers as { service: string }[]).sort((a, b) => (a.service < b.service ? -1 : 1));
  };

  function server(...args: string[]): ChildProcess {
    return router.lab.beside(router.lab.isp, 'pppoe-server', '-F', ...args);
  }

  async function bothServe(): Promise<ChildProcess[]> {
    const servers = [
      server('-I', 'ac0', '-C', 'ac-one', '-S', 'internet', '-S', 'iptv'),
      server('-I', 'ac1', '-C', 'ac two'),
    ];
    await until('both to listen', () => inIsp('cat', '/proc/net/packet').split(' 8863 ').length === 3);
    return servers;
  }

  /** Until the daemon has seen it. */
  const refused = (name: string, why: string) =>
    until(why, async () => {
      const args = { interface: name, duration: 1 };
      const refusal = await router.refusal('macvlan.pppoe_client', 'scan', args).catch(() => undefined);
      return refusal?.error === why;
    });

  test('where nobody answers nobody is listed', async () => {
    assert.equal(await scan('ether1', 1), []);
  });

  test('each service of each server is listed once, on a port and on a macvlan, with its MAC address', async () => {
    const servers = await bothServe();
    await router.call('macvlan', 'add', { interface: 'ether1', name: 'line one' });
    await until('the macvlan', async () => (await router.list('macvlan'))[0]?.running === true);
    // The first call loads a file.
    assert.equal(await scan('ether1', 3), BOTH);
    const before = descriptors();
    const asked = [scan('ether1'), scan('line one', 2)];
    // Others are served meanwhile.
    assert.is((await router.list('macvlan')).length, 1);
    assert.equal(await Promise.all(asked), [BOTH, BOTH]);
    assert.is(descriptors(), before);
    for (const one of servers) await router.lab.stop(one, 'SIGKILL');
    assert.equal(await scan('ether1', 1), []);
    await router.call('macvlan', 'remove', { name: 'line one' });
  });

  test('a port of a bridge can be asked on too', async () => {
    const servers = await bothServe();
    inRouter('ip', 'link', 'add', 'br0', 'up', 'type', 'bridge');
    inRouter('ip', 'link', 'set', 'ether1', 'master', 'br0');
    await until('the answers', async () => JSON.stringify(await scan('ether1', 1)) === JSON.stringify(BOTH));
    inRouter('ip', 'link', 'delete', 'br0');
    for (const one of servers) await router.lab.stop(one, 'SIGKILL');
  });

  test('the console shows them as a table', async () => {
    const servers = await bothServe();
    const { stdout, stderr } = router.lab.console('/interface pppoe-client scan ether1 duration=2s\n');
    assert.is(stderr, '');
    const [columns, head, ...rows] = stdout.trimEnd().split('\n');
    assert.is(columns, 'Columns: SERVICE, MAC-ADDRESS, AC-NAME');
    assert.is(head, '# SERVICE   MAC-ADDRESS        AC-NAME');
    const texts = rows.map((row) => row.slice(2).trimEnd()).sort();
    assert.equal(texts, [`          ${TWO}  ac two`, `internet  ${ONE}  ac-one`, `iptv      ${ONE}  ac-one`]);
    for (const one of servers) await router.lab.stop(one, 'SIGKILL');
  });

  test('where nobody can be asked the reason is one sentence', async () => {
    await refused('ether9', 'interface ether9 does not exist; name one that does');
    await refused('lo', 'interface lo is no Ethernet, which PPPoE needs');
    await refused('', 'say on which interface to look for servers');
    inIsp('ip', 'link', 'set', 'wire', 'down');
    await refused('ether1', 'interface ether1 has no carrier; check its cable');
    inIsp('ip', 'link', 'set', 'wire', 'up');
    inRouter('ip', 'link', 'set', 'ether1', 'down');
    await refused('ether1', 'interface ether1 is down; enable it first');
    inRouter('ip', 'link', 'set', 'ether1', 'up');
    for (const duration of ['0', '26', 'long']) {
      const args = { interface: 'ether1', duration };
      const { error, property, status } = await router.refusal('macvlan.pppoe_client', 'scan', args);
      assert.is(error, `duration ${duration} is not a time from 1s to 25s; leave it out for 5s`);
      assert.equal([property, status], ['duration', 2]);
    }
  });

  test('a port that goes away meanwhile is told, and no socket is left', async () => {
    await up();
    const before = descriptors();
    const asked = router.refusal('macvlan.pppoe_client', 'scan', { interface: 'ether1' });
    await until('the socket', () => descriptors() > before);
    inIsp('ip', 'link', 'delete', 'wire');
    assert.match(String((await asked).error), /^send PADI on ether1: No such device or address$/);
    assert.is(descriptors(), before);
  });

  test.run();
}
