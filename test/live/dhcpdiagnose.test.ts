import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RuntimeName, until } from '../../lab/lab.ts';
import { Router } from './router.ts';

interface Check {
  item: string;
  check: string;
  result: string;
  text: string;
  cure?: string;
}

/** The manual's list for DHCP that fails, with each fault brought about between a real client and a real server. */
function faults(runtime: RuntimeName): void {
  const diagnose = suite(`diagnose of dhcp-client under ${runtime}`);
  let router: Router;
  let mac: string;

  diagnose.before(async () => {
    router = await Router.start(runtime);
    await router.call('macvlan', 'add', { interface: 'ether1', name: 'one' });
    await router.call('macvlan.dhcp_client', 'add', { interface: 'one' });
    await router.bound(1);
    mac = String((await router.list('macvlan'))[0]?.mac_address);
  });
  diagnose.after(() => router.close());

  const inIsp = (...command: string[]) => router.lab.in(router.lab.isp, ...command);

  async function checks(object = 'macvlan.dhcp_client'): Promise<Check[]> {
    const { checks } = await router.call(object, 'diagnose', { name: 'one' });
    return checks as unknown as Check[];
  }

  /** `check: result: text` of all that is not in order. */
  async function wrong(): Promise<string[]> {
    const all = await checks();
    for (const { result, cure } of all) assert.is(result === 'cause', cure !== undefined);
    return all.filter(({ result }) => result !== 'ok').map(({ check, result, text }) => `${check}: ${result}: ${text}`);
  }

  async function leased(): Promise<string> {
    await router.bound(1, 40_000);
    return String((await router.list('dhcp_client'))[0]?.address).split('/')[0]!;
  }

  diagnose('with everything in order each check says so, on the bus and on the console', async () => {
    const address = await leased();
    const all = await checks();
    const names = ['client', 'parent', 'mac-conflict', 'address-conflict', 'offer', 'server', 'dhcp-on-wire', 'log'];
    assert.equal(
      all.map(({ check }) => check),
      ['reason', ...names],
    );
    assert.equal(await wrong(), []);
    assert.is(all[0]!.text, `bound: ${address}/24 from 198.51.100.1`);
    const text = (check: string) => all.find((one) => one.check === check)!.text;
    assert.match(
      text('offer'),
      /^\d+ requests?, 1 offer, 1 lease, 0 refusals \(NAK\) in .+; a server was heard .+ ago$/,
    );
    assert.match(
      text('server'),
      /^server 198\.51\.100\.1 answers as ([0-9A-F]{2}:){5}[0-9A-F]{2}; the lease was given /,
    );
    assert.match(text('log'), /lease of .* obtained/);
    const { stdout } = router.lab.console('/ip dhcp-client diagnose one\n');
    assert.match(stdout, /^one\n {2}ok +reason +bound: /);
    assert.equal(
      (await checks('macvlan')).filter(({ check }) => check === 'dhcp').map(({ text }) => text),
      [all[0]!.text],
    );
    const { error, status } = await router.refusal('macvlan.dhcp_client', 'diagnose', { name: 'nobody' });
    assert.is(`${status} ${error}`, '4 no such item: dhcp_client nobody');
  });

  diagnose('another host answers for its address', async () => {
    const [address, third] = [await leased(), router.lab.namespace('third')];
    const other = '02:00:00:00:00:66';
    const link = ['third', 'netns', third, 'link', 'wire', 'address', other, 'type', 'macvlan', 'mode', 'private'];
    inIsp('ip', 'link', 'add', ...link);
    router.lab.in(third, 'ip', 'link', 'set', 'third', 'up');
    router.lab.in(third, 'ip', 'address', 'add', `${address}/24`, 'dev', 'third');
    assert.equal(await wrong(), [
      `reason: cause: bound: another host, ${other}, answers for ${address}`,
      `address-conflict: cause: another host, ${other}, answers for ${address}`,
    ]);
    const [dhcp] = (await checks('macvlan')).filter(({ check }) => check === 'dhcp');
    assert.is(dhcp!.text, `the DHCP client is bound: another host, ${other}, answers for ${address}`);
    router.lab.removeNamespace(third);
    await until('its end', async () => (await wrong()).length === 0);
  });

  diagnose('another host has its MAC address', async () => {
    inIsp('ip', 'link', 'add', 'twin', 'link', 'wire', 'address', mac, 'up', 'type', 'macvlan', 'mode', 'private');
    const frames = ['-q', '-w', '30', '-b', '-I', 'twin', '-S', '203.0.113.7', '203.0.113.8'];
    const twin = router.lab.beside(router.lab.isp, 'arping', ...frames);
    const text = `another host on ether1 sends with ${mac}`;
    await until('its frames', async () => (await wrong()).includes(`mac-conflict: cause: ${text}`));
    assert.match((await wrong())[0]!, new RegExp(`^reason: cause: bound: .*${text}$`));
    await router.lab.stop(twin, 'SIGKILL');
    inIsp('ip', 'link', 'delete', 'twin');
    await until('quiet', async () => (await wrong()).length === 0);
  });

  diagnose('the server has gone: the lease lives, but it is not reached', async () => {
    await router.lab.stopProvider();
    inIsp('ip', 'address', 'flush', 'dev', 'wire');
    const [reason, server, ...more] = await wrong();
    assert.match(server!, /^server: cause: server 198\.51\.100\.1 does not answer; the lease was given .+ ago$/);
    assert.is(reason, server!.replace('server: cause:', 'reason: cause: bound:'));
    assert.equal(more, []);
    inIsp('ip', 'address', 'add', '198.51.100.1/24', 'dev', 'wire');
  });

  diagnose('no server answers', async () => {
    await router.call('macvlan.dhcp_client', 'release', { name: 'one' });
    const offer = /^offer: cause: no server answered (\d+) requests in /;
    const asked = async () => Number(offer.exec((await wrong()).find((line) => offer.test(line)) ?? '')?.[1] ?? 0);
    await until('three requests', async () => (await asked()) >= 3, 30_000);
    assert.match((await wrong())[0]!, /^reason: cause: searching: no server answered \d+ requests in [\dms]+$/);
    const cure = (await checks()).find(({ check }) => check === 'reason')!.cure!;
    assert.ok(cure.startsWith(`see that the server accepts requests from ${mac}`), cure);
  });

  diagnose('no server answers, and that is for want of a carrier', async () => {
    inIsp('ip', 'link', 'set', 'wire', 'down');
    await until('no carrier', async () => (await router.list('macvlan'))[0]?.running === false);
    const all = await wrong();
    assert.match(
      all[0]!,
      /^reason: cause: searching: no server answered \d+ requests in [\dms]+; parent ether1 has no carrier$/,
    );
    assert.ok(all.includes('parent: cause: parent ether1 has no carrier'));
    assert.ok(all.includes('mac-conflict: unknown: nobody can listen while one is not running'));
    inIsp('ip', 'link', 'set', 'wire', 'up');
    await router.lab.startProvider();
    await leased();
  });

  diagnose('the server refuses the address, and has no other', async () => {
    await router.lab.stopProvider();
    const options = ['--conf-file=/dev/null', '--user=root', '--pid-file=', '--port=0', '--interface=wire'];
    const leases = ['--bind-dynamic', '--dhcp-authoritative', '--leasefile-ro', '--dhcp-range=198.51.100.0,static'];
    const strict = router.lab.beside(router.lab.isp, 'dnsmasq', '--keep-in-foreground', ...options, ...leases);
    await until('the server', () => /:0043 /.test(inIsp('cat', '/proc/net/udp')));
    await router.call('macvlan.dhcp_client', 'renew', { name: 'one' });
    const refused = /^offer: cause: the server refused the address that was asked for \(NAK, 1 time, last .+ ago\)$/;
    const silent = /^offer: cause: no server answered \d+ requests? in [\dms]+, after 1 refusal \(NAK\)$/;
    let seen = '';
    await until(
      'the refusal',
      async () => {
        seen += `${(await wrong()).filter((line) => line.startsWith('offer: ')).join()}\n`;
        return seen.split('\n').some((line) => silent.test(line));
      },
      40_000,
    );
    for (const line of seen.split('\n').filter(Boolean)) assert.ok(refused.test(line) || silent.test(line), line);
    await router.lab.stop(strict, 'SIGKILL');
    await router.lab.startProvider();
    await leased();
    const offer = (await checks()).find(({ check }) => check === 'offer')!;
    assert.match(`${offer.result}: ${offer.text}`, /^ok: .*, 1 refusal \(NAK\) in /);
  });

  diagnose('a server that does not answer it is heard answering others', async () => {
    await router.lab.stopProvider();
    await router.lab.startProvider(120, [`--dhcp-host=${mac},ignore`]);
    await router.call('macvlan.dhcp_client', 'release', { name: 'one' });
    await router.call('macvlan', 'add', { interface: 'ether1', name: 'two' });
    await router.call('macvlan.dhcp_client', 'add', { interface: 'two' });
    await router.bound(1);
    const other = String((await router.list('macvlan'))[1]?.mac_address);
    const renewing = setInterval(() => void router.call('macvlan.dhcp_client', 'renew', { name: 'two' }), 200);
    const text = `server 198.51.100.1 was heard answering ${other} and not this client`;
    await until('an answer', async () => (await wrong()).includes(`dhcp-on-wire: cause: ${text}`), 40_000);
    clearInterval(renewing);
  });

  diagnose('it is disabled, and then its interface is', async () => {
    await router.call('macvlan.dhcp_client', 'disable', { name: 'one' });
    assert.is((await wrong())[0], 'reason: cause: stopped: the client of one is disabled');
    await router.call('macvlan.dhcp_client', 'enable', { name: 'one' });
    await router.call('macvlan', 'disable', { name: 'one' });
    assert.is((await wrong())[0], 'reason: cause: stopped: interface one is disabled');
  });

  diagnose.run();
}

for (const runtime of ['node', 'qjs'] as const) faults(runtime);
