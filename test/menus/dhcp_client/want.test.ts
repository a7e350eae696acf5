import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Event, learn } from '../../../src/model/facts.ts';
import { MAIN_TABLE, OUR_TABLES } from '../../../src/model/want.ts';
import { printOp } from '../../../src/plan/sentence.ts';
import { wantAll } from '../../../src/plan/want.ts';
import { FakeKernel } from '../../helpers/kernel.ts';
import { configOf, Lab } from '../../helpers/lab.ts';
import { menus } from '../../helpers/menus.ts';

const wants = suite('dhcp-client wants');

const START = 1_000_000;

function news(verb: string, env: Record<string, string> = {}): Event {
  const lease = {
    ip: '192.0.2.10',
    mask: '24',
    router: '192.0.2.1',
    serverid: '192.0.2.2',
    ntpsrv: '192.0.2.5',
    lease: '60',
  };
  return { type: 'news', key: 'c', news: { verb, at: START, env: verb === 'bound' ? { ...lease, ...env } : {} } };
}

/** A client on ether1 that holds a lease. */
function bound(options: Record<string, string> = {}, env: Record<string, string> = {}): Lab {
  const kernel = new FakeKernel();
  kernel.port('ether1', { up: true });
  const lab = new Lab(kernel, configOf({ c: { type: 'dhcp_client', interface: 'ether1', ...options } }));
  lab.settle(5);
  lab.facts = learn(lab.facts, news('bound', env));
  return lab;
}

function ways(options: Record<string, string>): string[] {
  const { world } = bound({ source_routing: '0', ...options });
  const { routes } = wantAll(world, menus);
  return routes
    .filter(({ destination }) => destination === '0.0.0.0/0')
    .map(({ table, metric }) => `${table === MAIN_TABLE ? 'main' : table === OUR_TABLES ? 'ours' : table}:${metric}`);
}

wants('the default route goes to the tables that are named, each at its distance', () => {
  const rows: [Record<string, string>, string[]][] = [
    [{}, ['main:1']],
    [{ default_route_distance: '7' }, ['main:7']],
    [{ add_default_route: 'no' }, []],
    [{ add_default_route: '0', default_route_tables: '100' }, []],
    [{ default_route_distance: '7', default_route_tables: '100:5 200' }, ['100:5', '200:7']],
    [{ default_route_tables: 'main:3 100:255' }, ['main:3']],
  ];
  for (const [options, expected] of rows) assert.equal(ways(options), expected, JSON.stringify(options));
});

wants('NTP servers are listed unless they are not wanted', () => {
  assert.equal(wantAll(bound().world, menus).timeServers, [
    { owner: 'c', comment: 'ether1', distance: 1, servers: ['192.0.2.5'] },
  ]);
  assert.equal(wantAll(bound({ use_peer_ntp: '0' }).world, menus).timeServers, []);
});

/** What is done next that concerns the script, and then is known to be done. */
function hooks(lab: Lab): string[] {
  for (let n = 0; n < 6; n++) {
    const ops = lab.pass();
    const found = ops.flatMap((op) => (op.op === 'hook' ? [op] : []));
    if (found.length > 0) return found.map((op) => `${printOp(op)} ${op.env.bound} ${op.env.lease_address}`);
  }
  return [];
}

wants('a script is run when the lease is in effect, when it changed, and when it went', () => {
  const lab = bound({ script: '/bin/hook' });
  assert.equal(hooks(lab), ['run /bin/hook bound for c 1 192.0.2.10']);
  assert.equal(hooks(lab), []);
  lab.facts = learn(lab.facts, news('bound', { ip: '192.0.2.11' }));
  assert.equal(hooks(lab), ['run /bin/hook bound for c 1 192.0.2.11']);
  lab.facts = learn(lab.facts, news('deconfig'));
  assert.equal(hooks(lab), ['run /bin/hook lost for c 0 192.0.2.11']);
  assert.equal(hooks(lab), []);
});

wants('the script hears of a client that is disabled or removed', () => {
  for (const config of [configOf({}), configOf({ c: { type: 'dhcp_client', interface: 'ether1', disabled: '1' } })]) {
    const lab = bound({ script: '/bin/hook' });
    hooks(lab);
    lab.config = config;
    assert.equal(hooks(lab), ['run /bin/hook lost for c 0 192.0.2.10']);
  }
});

wants(
  'hotplug hears that a lease came and went beside a script of its own, and of nothing that the server wrote',
  () => {
    const lab = bound({ script: '/bin/hook' }, { domain: 'evil' });
    lab.hasListeners = true;
    const heard = () =>
      lab.pass().flatMap((op) => (op.op === 'hook' && op.script === 'hotplug-call' ? [[printOp(op), op.env]] : []));
    const told = { TYPE: 'dhcp_client', INTERFACE: 'ether1', DEVICE: 'ether1', ADDRESS: '192.0.2.10' };
    const all = [...heard(), ...heard(), ...heard()];
    assert.equal(all, [['call hotplug scripts: bound of ether1', { ACTION: 'bound', ...told, GATEWAY: '192.0.2.1' }]]);
    lab.config = configOf({});
    assert.equal(
      heard().map(([text]) => text),
      ['call hotplug scripts: lost of ether1'],
    );
  },
);

wants("the script's variables are RouterOS's, and a server's text begins no line of its own", () => {
  const { world } = bound(
    { script: '/bin/hook' },
    { opt43: '0102', opt58: '00000010', domain: 'a\nbound=0', PATH: '/x', opt53: '05' },
  );
  assert.equal(wantAll(world, menus).hooks[0]?.env, {
    bound: '1',
    interface: 'ether1',
    lease_address: '192.0.2.10',
    server_address: '192.0.2.2',
    gateway_address: '192.0.2.1',
    vendor_specific: '0102',
    lease_options: 'domain=a?bound=0\nntpsrv=192.0.2.5\nopt43=0102\nrouter=192.0.2.1\nserverid=192.0.2.2',
    ifname: 'ether1',
    lease_prefix: '24',
  });
});

/** The signal that the client would get, as the plan says it. */
function signals(lab: Lab): string[] {
  return lab.plan().ops.flatMap((op) => (op.op === 'signal' ? [op.signal] : []));
}

wants('a release gives the lease back, and asks anew only when address and routes may go', () => {
  const lab = bound();
  lab.settle(5);
  lab.facts = learn(lab.facts, { type: 'wish', key: 'c', signals: ['SIGUSR2', 'released', 'SIGUSR1'] });
  assert.equal(signals(lab), ['SIGUSR2']);
  lab.facts = learn(lab.facts, { type: 'signalled', key: 'c' });
  assert.equal(signals(lab), [], 'it has not said yet that it holds nothing');
  lab.facts = learn(lab.facts, news('deconfig'));
  const ops = lab.plan().ops.map(({ op }) => op);
  assert.ok(ops.indexOf('deleteAddress') >= 0 && ops.indexOf('deleteAddress') < ops.indexOf('signal'), ops.join());
  assert.equal(signals(lab), ['SIGUSR1']);
  lab.facts = learn(lab.facts, { type: 'signalled', key: 'c' });
  assert.equal(signals(lab), []);
});

wants.run();
