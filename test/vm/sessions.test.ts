import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { inside } from './inside.ts';
import { type Client, firstPadis, Provider, padis } from './provider.ts';

inside('uml');

const COUNT = 20;
const NUMBERS = Array.from({ length: COUNT }, (_, at) => at + 1);
const NAMES = NUMBERS.map((n) => `out${n}`);

const sessions = suite('PPPoE: twenty sessions');
let isp: Provider;

sessions.before(async () => {
  isp = await Provider.start(Object.fromEntries(NUMBERS.map((n) => [`user${n}`, `secret${n}`])));
  isp.addSwitch();
  await isp.startServer();
});
sessions.after(() => isp.close());

sessions('twenty users on twenty MAC addresses of one port, and each is heard by its own address', async () => {
  isp.typed(
    NUMBERS.map(
      (n) => `/interface macvlan add interface=ether1 name=line${n}
/interface pppoe-client add interface=line${n} name=out${n} user=user${n} password=secret${n} keepalive-timeout=1`,
    ).join('\n'),
  );
  await isp.connected(...NAMES);
  const clients = await isp.clients();
  const macs = (await isp.router.list('macvlan')).map(({ mac_address }) => String(mac_address));
  assert.equal(
    isp
      .serverSessions()
      .map(({ mac }) => mac)
      .sort(),
    macs.sort(),
  );
  for (const of of [macs, values(clients, 'session_id'), values(clients, 'local_address')])
    assert.is(new Set(of).size, COUNT);
  isp.allPinged(clients);
});

sessions('one is killed and comes back; nineteen keep their sessions', async () => {
  const before = await isp.ids();
  const { local_address } = await isp.client('out7');
  process.kill(isp.serverSessions().find(({ ip }) => ip === local_address)!.pid, 'SIGTERM');
  await until('its end', async () => (await isp.client('out7')).last_error !== undefined);
  await isp.connected(...NAMES);
  const after = await isp.ids();
  assert.is.not(after.out7, before.out7);
  assert.equal({ ...after, out7: 0 }, { ...before, out7: 0 });
});

sessions('a daemon that is killed leaves them, and the next one takes all of them over', async () => {
  const before = { pppds: isp.pppds(), ids: await isp.ids() };
  assert.is(before.pppds.length, COUNT);
  await isp.router.lab.stopDaemon('SIGKILL');
  await isp.router.startDaemon();
  await isp.connected(...NAMES);
  assert.equal({ pppds: isp.pppds(), ids: await isp.ids() }, before);
  isp.allPinged(await isp.clients());
});

sessions('the port loses its carrier for a moment: nobody dials', async () => {
  const before = await isp.ids();
  const sniffer = await isp.sniff();
  isp.inIsp('ip link set wire down');
  await until('the news', () => /NO-CARRIER/.test(isp.inRouter('ip link show ether1')));
  isp.inIsp('ip link set wire up');
  await isp.connected(...NAMES);
  isp.allPinged(await isp.clients());
  assert.equal(await isp.ids(), before);
  assert.equal(padis(sniffer), []);
  sniffer.stop();
});

sessions('for longer: all are told, nobody dials into the void, and all are back with it', async () => {
  isp.inIsp('ip link set wire down');
  const isOut = ({ status, about }: Client) => status === 'disconnected' && /carrier/.test(String(about));
  await until('the ends', async () => (await isp.clients()).every(isOut), 60_000);
  await until('the end of their pppds', () => isp.pppds().length === 0, 60_000);
  isp.inIsp('ip link set wire up');
  await isp.connected(...NAMES);
  isp.allPinged(await isp.clients());
});

sessions('a server that is gone is asked ever more seldom, by each at times of its own', async () => {
  isp.stopServer();
  await until('the ends', async () => (await isp.clients()).every(({ last_error }) => last_error), 60_000);
  const sniffer = await isp.sniff();
  const waits = new Map<unknown, number>();
  const note = async () => {
    for (const { name, next_try, last_error } of await isp.clients())
      if (/PADO/.test(String(last_error))) waits.set(name, Math.max(waits.get(name) ?? 0, Number(next_try ?? 0)));
    return NAMES.every((name) => waits.get(name)! >= 2);
  };
  await until('the second waits', note, 120_000);
  const firsts = firstPadis(padis(sniffer));
  assert.is(firsts.length, COUNT);
  assert.ok(firsts.at(-1)! - firsts[0]! > 0.2, 'all ask at one moment');
  sniffer.stop();
  await isp.startServer();
  await isp.connected(...NAMES);
});

sessions('shutdown ends all of them within the time of an answer', async () => {
  await isp.router.call('macvlan', 'shutdown');
  assert.equal(isp.pppds(), []);
  assert.equal(isp.inRouter('ip -o link').match(/out\d|line\d/g), null);
});

sessions.run();

function values(clients: readonly Client[], property: string): unknown[] {
  return clients.map((client) => client[property]);
}
