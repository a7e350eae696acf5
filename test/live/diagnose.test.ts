import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { Router } from './router.ts';

/** The manual's troubleshooting lists: with everything in order, and with each fault brought about. */
const diagnose = suite('diagnose');
let router: Router;

interface Check {
  item: string;
  check: string;
  result: string;
  text: string;
  cure?: string;
}

diagnose.before(async () => {
  router = await Router.start('qjs');
  for (const name of ['one', 'two']) {
    await router.call('macvlan', 'add', { interface: 'ether1', name });
    await router.call('macvlan.dhcp_client', 'add', { interface: name });
  }
  inRouter('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  await router.bound(2);
});
diagnose.after(() => router.close());

function inRouter(...command: string[]): string {
  return router.lab.in(router.lab.router, ...command);
}

async function checks(name?: string): Promise<Check[]> {
  const { checks } = await router.call('macvlan', 'diagnose', name === undefined ? {} : { name });
  return checks as unknown as Check[];
}

/** Those of one check, as `result: text`. */
async function found(name: string, check: string): Promise<string[]> {
  const all = (await checks(name)).filter((one) => one.check === check);
  for (const { result, cure } of all) assert.is(result === 'cause', cure !== undefined, `${check}: ${cure}`);
  return all.map(({ result, text }) => `${result}: ${text}`);
}

diagnose('with everything in order each check says so, of one item and of all', async () => {
  const all = await checks();
  assert.equal(
    all.filter(({ result }) => result !== 'ok'),
    [],
  );
  const names = [
    'running',
    'parent',
    'vlan',
    'mac',
    'mac-on-wire',
    'mode',
    'forwarding',
    'firewall',
    'route',
    'dhcp',
    'log',
  ];
  for (const item of ['one', 'two'])
    assert.equal([...new Set(all.filter((one) => one.item === item).map(({ check }) => check))], names);
  assert.equal(
    (await checks('one')).map(({ item }) => item),
    all.filter(({ item }) => item === 'one').map(({ item }) => item),
  );
  const { error, status } = await router.refusal('macvlan', 'diagnose', { name: 'nobody' });
  assert.is(`${status} ${error}`, '4 no such item: macvlan nobody');
});

diagnose('running: it is disabled', async () => {
  await router.call('macvlan', 'disable', { name: 'two' });
  assert.equal(await found('two', 'running'), ['cause: two is disabled']);
  assert.equal(await found('two', 'dhcp'), ['cause: the DHCP client is stopped: interface two is disabled']);
  await router.call('macvlan', 'enable', { name: 'two' });
  await router.bound(2);
});

diagnose('parent: it has no carrier, or is not there', async () => {
  router.lab.in(router.lab.isp, 'ip', 'link', 'set', 'wire', 'down');
  await until('no carrier', async () => (await router.list('macvlan'))[0]?.running === false);
  assert.equal(await found('one', 'parent'), ['cause: parent ether1 has no carrier']);
  assert.equal(await found('one', 'running'), ['cause: parent ether1 has no carrier; check its cable']);
  assert.equal(await found('one', 'mac-on-wire'), ['unknown: nobody can listen while one is not running']);
  router.lab.in(router.lab.isp, 'ip', 'link', 'set', 'wire', 'up');
  await router.call('macvlan', 'add', { interface: 'ether9', name: 'waiting' });
  assert.equal(await found('waiting', 'parent'), ['cause: parent ether9 does not exist']);
  await router.call('macvlan', 'remove', { name: 'waiting' });
  await until('the carrier', async () => (await router.list('macvlan'))[0]?.running === true);
});

diagnose('mac: another link has it', async () => {
  const mac = String((await router.list('macvlan'))[0]?.mac_address);
  inRouter('ip', 'link', 'add', 'twin', 'address', mac, 'type', 'bridge');
  assert.equal(await found('one', 'mac'), [`cause: link twin has the MAC address ${mac} too`]);
  inRouter('ip', 'link', 'delete', 'twin');
});

diagnose('mac-on-wire: another host has it', async () => {
  const mac = String((await router.list('macvlan'))[0]?.mac_address);
  const { isp } = router.lab;
  router.lab.in(
    isp,
    'ip',
    'link',
    'add',
    'twin',
    'link',
    'wire',
    'address',
    mac,
    'up',
    'type',
    'macvlan',
    'mode',
    'private',
  );
  const twin = router.lab.beside(
    isp,
    'arping',
    '-q',
    '-w',
    '5',
    '-b',
    '-I',
    'twin',
    '-S',
    '203.0.113.7',
    '203.0.113.8',
  );
  assert.equal(await found('one', 'mac-on-wire'), [`cause: another host on ether1 sends with ${mac}`]);
  assert.equal(await found('two', 'mac-on-wire'), [
    `ok: nobody else on ether1 was heard with ${(await router.list('macvlan'))[1]?.mac_address}`,
  ]);
  await router.lab.stop(twin, 'SIGKILL');
  router.lab.in(isp, 'ip', 'link', 'delete', 'twin');
});

diagnose('mac-on-wire: what one says to the other is none of others', async () => {
  const [one, two] = ['one', 'two'].map((name) => router.addressesOf(name)[0]!);
  const talk = router.lab.beside(router.lab.router, 'arping', '-q', '-w', '5', '-I', 'one', '-S', one!, two!);
  for (const name of ['one', 'two']) assert.match((await found(name, 'mac-on-wire')).join(), /^ok: nobody else/);
  await router.lab.stop(talk, 'SIGKILL');
});

diagnose('mode: they do not have the same', async () => {
  await router.call('macvlan', 'set', { name: 'two', mode: 'private' });
  assert.equal(await found('one', 'mode'), [
    'cause: one is in mode bridge, two in mode private: they do not reach each other directly',
  ]);
  await router.call('macvlan', 'set', { name: 'two', mode: 'bridge' });
  assert.equal(await found('one', 'mode'), ['ok: all on ether1 are in mode bridge and reach each other']);
});

diagnose('forwarding: it is off', async () => {
  inRouter('sysctl', '-qw', 'net.ipv4.conf.one.forwarding=0');
  assert.equal(await found('one', 'forwarding'), [
    'cause: forwarding is off on one: packets from one interface to another end here',
  ]);
  inRouter('sysctl', '-qw', 'net.ipv4.conf.one.forwarding=1');
});

diagnose('firewall: a rule drops what goes from one to the other', async () => {
  inRouter('nft', 'add table inet fw; add chain inet fw forward { type filter hook forward priority 0; }');
  inRouter('nft', 'add rule inet fw forward iifname "one" oifname "two" drop comment "no crossing"');
  assert.equal(await found('one', 'firewall'), [
    'cause: from one to two: rule 1 (no crossing) of chain forward of table inet fw drops it',
  ]);
  assert.equal(await found('two', 'firewall'), [
    'ok: from two to one: the policy accept of chain forward of table inet fw lets it pass',
  ]);
  inRouter('nft', 'delete table inet fw');
});

diagnose('route: none leads there, or there is no address at all', async () => {
  inRouter('ip', 'address', 'add', '203.0.113.1/24', 'dev', 'two', 'noprefixroute');
  assert.match((await found('one', 'route')).join('\n'), /^cause: no route leads to 203\.0\.113\.0\/24 by two$/m);
  inRouter('ip', 'address', 'delete', '203.0.113.1/24', 'dev', 'two');
  await router.call('macvlan', 'add', { interface: 'ether1', name: 'bare' });
  assert.equal(await found('bare', 'route'), ['cause: bare has no IPv4 address']);
  assert.equal(await found('bare', 'dhcp'), ['ok: no DHCP client is on bare']);
  await router.call('macvlan', 'remove', { name: 'bare' });
});

diagnose('dhcp and log: no server answers', async () => {
  await router.lab.stopProvider();
  await router.call('macvlan.dhcp_client', 'release', { name: 'one' });
  await until('the search', async () => (await router.list('dhcp_client'))[0]?.status === 'searching');
  await until('its discovers', async () => /discover/i.test((await found('one', 'log')).join()));
  const [dhcp] = await found('one', 'dhcp');
  assert.match(dhcp!, /^cause: the DHCP client is searching/);
  const check = (await checks('one')).find((one) => one.check === 'dhcp');
  assert.match(check!.cure!, /^see that the server accepts requests from ([0-9A-F]{2}:){5}/);
  await until('that nobody answered', async () =>
    /no server answered \d+ requests/.test((await found('one', 'dhcp'))[0]!),
  );
});

diagnose('of many items only what is wrong is told', async () => {
  for (let n = 0; n < 20; n++)
    await router.call('macvlan', 'add', { interface: n === 7 ? 'ether9' : 'ether1', name: `n${n}` });
  const all = await checks();
  assert.ok(all.every(({ result }) => result === 'cause'));
  assert.equal(
    all.filter(({ item }) => item.startsWith('n')).map(({ item, check }) => `${item} ${check}`),
    ['n7 running', 'n7 parent'],
  );
});

diagnose.run();
