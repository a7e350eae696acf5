import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import type { Table, Value } from '../../src/ubus/blob.ts';
import { UbusError } from '../../src/ubus/pending.ts';
import { seeded } from '../helpers/lab.ts';
import { Router } from './router.ts';

const bus = suite('the objects on the bus');
let router: Router;

bus.before(async () => {
  router = await Router.start('qjs', "config globals 'globals'\n\tlist port_alias 'wan=ether1'\n");
});
bus.after(() => router.close());

bus('are published with the types of their arguments', async () => {
  const found = await router.bus.lookup('macvlan*');
  const [object, clients] = ['macvlan', 'macvlan.dhcp_client'].map((path) => found.find((one) => one.path === path));
  assert.equal(Object.keys(object!.methods), [
    'list',
    'add',
    'set',
    'remove',
    'enable',
    'disable',
    'diagnose',
    'event',
    'export',
    'import',
    'plan',
    'reload',
    'reset_counters',
    'shutdown',
    'status',
  ]);
  assert.is(object!.methods.add?.mtu, 'String');
  assert.is(object!.methods.add?.disabled, 'Boolean');
  assert.is(clients!.path, 'macvlan.dhcp_client');
  assert.is(clients!.methods.set?.default_route_distance, 'Integer');
});

bus('tell their subscribers what was added, changed and removed, and of leases', async () => {
  const heard: string[] = [];
  const hear = (type: string, data: Table) =>
    void heard.push(`${type} ${data.name ?? data.interface} ${data.mode ?? data.address ?? ''}`.trim());
  await router.bus.subscribe('macvlan', hear);
  await router.bus.subscribe('macvlan.dhcp_client', hear);
  assert.equal(await router.call('macvlan', 'add', { interface: 'ether1', name: 'one' }), {
    id: 'macvlan_1',
    name: 'one',
  });
  await router.call('macvlan', 'set', { name: 'one', mode: 'private' });
  await router.call('macvlan.dhcp_client', 'add', { interface: 'one' });
  await router.bound(1);
  await router.call('macvlan.dhcp_client', 'remove', { name: 'one' });
  await router.call('macvlan', 'remove', { id: 'macvlan_1' });
  await until('the last notification', () => heard.includes('removed one private'));
  const lease = heard.find((line) => line.startsWith('bound'))!;
  assert.match(lease, /^bound one 198\.51\.100\.\d+\/24$/);
  assert.equal(
    heard.filter((line) => !/^changed one (198|$)/.test(line) && line !== 'changed one'),
    [
      'added one bridge',
      'changed one private',
      'added one',
      lease,
      lease.replace('bound', 'removed'),
      'removed one private',
    ],
  );
});

bus('take string, number or boolean, and refuse what they do not know', async () => {
  await router.call('macvlan', 'add', {
    interface: 'ether1',
    name: 'typed',
    mtu: '1400',
    disabled: 'yes',
    ubus_rpc_session: 'x',
  });
  await router.call('macvlan', 'set', { name: 'typed', mtu: 1300, disabled: false });
  const [typed] = await router.list('macvlan');
  assert.is(typed?.mtu, 1300);
  assert.is(typed?.disabled, false);
  assert.is(
    (await router.refusal('macvlan', 'list', { bogus: 1 })).error,
    'unknown argument bogus; known are id, name, offset, limit',
  );
  assert.is((await router.refusal('macvlan', 'set', { mtu: 1300 })).error, 'say which macvlan by id or name');
  await router.call('macvlan', 'set', { name: 'typed', mtu: null });
  assert.is((await router.list('macvlan'))[0]?.mtu, 1500);
});

bus('a rename takes the references along, in one write', async () => {
  await router.call('macvlan.dhcp_client', 'add', { interface: 'typed' });
  await router.call('macvlan', 'set', { id: 'macvlan_1', name: 'a name that is far too long' });
  const [client] = await router.list('dhcp_client');
  assert.is(client?.interface, 'a name that is far too long');
  await router.bound(1);
  const [link] = router.links();
  assert.is(link?.ifname, client?.actual_interface);
  assert.match(
    router.lab.in(router.lab.router, 'ip', 'link', 'show', link!.ifname),
    /alias a name that is far too long/,
  );
});

bus('a change of mode or MTU keeps the link; one of the MAC gives a new lease', async () => {
  const [before] = router.links();
  const [lease] = await router.list('dhcp_client');
  await router.call('macvlan', 'set', { id: 'macvlan_1', mode: 'private', mtu: 1400 });
  assert.is(router.links()[0]?.ifindex, before?.ifindex);
  assert.is(router.links()[0]?.mtu, 1400);
  await router.call('macvlan', 'set', { id: 'macvlan_1', mac_address: '02:00:00:00:00:77' });
  await until('the lease of the new MAC', async () => {
    const [client] = await router.list('dhcp_client');
    return (
      client?.status === 'bound' && router.leases().get('02:00:00:00:00:77') === String(client.address).split('/')[0]
    );
  });
  assert.is(router.links()[0]?.ifindex, before?.ifindex);
  assert.is.not((await router.list('dhcp_client'))[0]?.address, lease?.address);
});

bus('a port may be called by its alias', async () => {
  await router.call('macvlan', 'add', { interface: 'wan', name: 'aliased' });
  const aliased = (await router.list('macvlan')).find(({ name }) => name === 'aliased');
  assert.is(aliased?.running, true);
  assert.is(aliased?.interface, 'wan');
});

bus('plan says what a configuration would do, and does nothing', async () => {
  const before = router.links();
  const sections = {
    line: { '.type': 'macvlan', interface: 'ether1', mode: 'private', mac_address: '02:00:00:00:00:99' },
    bad: { '.type': 'macvlan', interface: 'ether1', mode: 'x' },
  };
  const { ops, problems } = await router.call('macvlan', 'plan', { sections });
  assert.ok((ops as string[]).some((op) => op.startsWith('add link line address 02:00:00:00:00:99 mode private')));
  assert.ok((ops as string[]).includes('delete link aliased'));
  assert.match((problems as { error: string }[])[0]!.error, /^mode "x" is not valid/);
  assert.equal((await router.call('macvlan', 'plan')).ops, []);
  assert.equal(router.links(), before);
});

bus('a text edited by hand is taken with reload, and a hotplug event is welcome', async () => {
  router.config += "\nconfig macvlan 'byhand'\n\toption interface 'ether1'\n";
  await router.call('macvlan', 'reload');
  assert.ok((await router.list('macvlan')).some(({ name, running }) => name === 'byhand' && running === true));
  assert.match(router.config, /config macvlan 'byhand'\n\toption interface 'ether1'\n\toption mac_address '/);
  assert.equal(await router.call('macvlan', 'event', { ACTION: 'add', INTERFACE: 'eth7', SEQNUM: '12' }), {});
  const text = router.config;
  await router.call('macvlan', 'reload');
  assert.is(router.config, text);
});

bus('a generated MAC outlives a roll-back of the file', async () => {
  const macOf = async () => (await router.list('macvlan')).find(({ name }) => name === 'byhand')?.mac_address;
  const before = await macOf();
  router.config = router.config.replace(
    /(config macvlan 'byhand'\n\toption interface 'ether1'\n)\toption mac_address '.*'\n/,
    '$1',
  );
  await router.call('macvlan', 'reload');
  assert.is(await macOf(), before);
});

bus('no arguments end it: what is nonsense is refused, each with a sentence', async () => {
  const random = seeded(20261123);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const [before] = await router.list('macvlan');
  const values: Value[] = [
    '',
    'x',
    'ether1',
    'yes',
    '\u0000',
    'a\nb',
    '../..',
    '$(reboot)',
    "'; rm",
    'ä'.repeat(300),
    0,
    -1,
    1500,
    2 ** 40,
    1.5,
    true,
    false,
    null,
    [],
    ['a'],
    {},
    { a: 1 },
  ];
  const names = [
    'id',
    'name',
    'interface',
    'mode',
    'mac_address',
    'mtu',
    'ifname',
    'comment',
    'disabled',
    'sections',
    'offset',
    'limit',
    '__proto__',
    'constructor',
    'toString',
    '',
  ];
  for (let i = 0; i < 400; i++) {
    const object = pick(['macvlan', 'macvlan.dhcp_client']);
    const method = pick(['add', 'set', 'remove', 'enable', 'disable', 'list', 'status', 'plan', 'event', 'renew']);
    const args = Object.fromEntries(
      Array.from({ length: Math.floor(random() * 4) }, () => [pick(names), pick(values)]),
    );
    // What is sense by chance is taken back.
    const answer = await router.call(object, method, args).catch((error) => error as UbusError);
    if (answer instanceof UbusError)
      assert.ok(
        answer.data?.error !== undefined || answer.status === 3 || answer.status === 2,
        `${method} ${JSON.stringify(args)}`,
      );
    else if (method === 'add') await router.call(object, 'remove', { id: String(answer.id) });
  }
  assert.is((await router.list('macvlan'))[0]?.id, before?.id);
});

bus('a long list comes in parts of at most 256', async () => {
  router.config = Array.from({ length: 300 }, (_, i) => `config macvlan 'm${i}'\n\toption interface 'ether1'\n`).join(
    '',
  );
  await router.call('macvlan', 'reload');
  const first = await router.call('macvlan', 'list');
  assert.is(first.total, 300);
  assert.is((first.macvlan as unknown[]).length, 256);
  assert.is(((await router.call('macvlan', 'list', { offset: 256, limit: 10 })).macvlan as unknown[]).length, 10);
  assert.is(router.links().length, 300);
  assert.is(router.lab.console('/interface macvlan print count-only where running\n').stdout, '300\n');
});

bus.run();
