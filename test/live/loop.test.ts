import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sleep, until } from '../../lab/lab.ts';
import { Router } from './router.ts';

/** Loop protect on the wire. The loop is a bridge on the provider's side that sends back what comes in (hairpin). */
const loop = suite('loop protect');
let router: Router;

loop.before(async () => {
  router = await Router.start('qjs');
});
loop.after(() => router.close());

function close(): void {
  const { lab } = router;
  lab.in(lab.isp, 'ip', 'link', 'add', 'loop', 'type', 'bridge');
  lab.in(lab.isp, 'ip', 'link', 'set', 'wire', 'master', 'loop');
  lab.in(lab.isp, 'ip', 'link', 'set', 'loop', 'up');
  lab.in(lab.isp, 'bridge', 'link', 'set', 'dev', 'wire', 'hairpin', 'on');
}

function open(): void {
  router.lab.in(router.lab.isp, 'ip', 'link', 'delete', 'loop');
}

async function item(name: string): Promise<Record<string, unknown>> {
  return (await router.list('macvlan')).find((entry) => entry.name === name)!;
}

function wakeups(): number {
  const text = router.lab.in(router.lab.router, 'cat', `/proc/${router.lab.daemonPid}/status`);
  return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)?.[1]);
}

/** How many frames of ethertype 0x9003 come to the provider within so many ms, by their source. */
function frames(ms: number): string {
  const { lab } = router;
  const command = `timeout ${ms / 1000} tcpdump -nnel -i wire ether proto 0x9003 2>/dev/null; true`;
  return lab.in(lab.isp, 'sh', '-c', command).trim();
}

const ON = { interface: 'ether1', loop_protect: 'on', loop_protect_send_interval: '1s' };

loop('off, it sends nothing, hears nothing and costs no wake-up', async () => {
  await router.call('macvlan', 'add', { interface: 'ether1', name: 'quiet' });
  assert.is((await item('quiet')).loop_protect_status, 'off');
  await sleep(1500); // the file is looked at once more after a write
  const before = wakeups();
  assert.is(frames(1500), '');
  assert.is(wakeups() - before, 0);
  assert.is(router.lab.in(router.lab.router, 'cat', '/proc/net/packet').trim().split('\n').length, 1);
});

for (const mode of ['bridge', 'private']) {
  loop(`${mode}: a loop is found within an interval, told, and over when its time is`, async () => {
    const name = `p-${mode}`;
    await router.call('macvlan', 'add', { ...ON, name, mode, loop_protect_disable_time: '3s' });
    const { mac_address } = await item(name);
    assert.is((await item(name)).loop_protect_status, 'on');
    assert.match(frames(1500), new RegExp(`${mac_address} > ff:ff:ff:ff:ff:ff, ethertype .*0x9003`, 'i'));
    close();
    await until('the loop to be seen', async () => (await item(name)).loop_protect_status === 'disabled', 2500);
    const { running, about } = await item(name);
    assert.is(running, false);
    assert.match(
      String(about),
      /^disabled by loop protect for \ds more: its own frames came back to ether1; look for a loop in the wiring$/,
    );
    assert.match(
      router.lab.log('macvland'),
      new RegExp(
        `^macvland: ${name}: loop protect packet from its own MAC address ${mac_address} came in on ether1; it is disabled$`,
        'm',
      ),
    );
    assert.match(router.lab.in(router.lab.router, 'ip', 'link', 'show', 'dev', name), /state DOWN/);
    assert.is((await item('quiet')).running, true, 'one that is not protected goes on');
    open();
    await until('it to be over', async () => (await item(name)).running === true, 5000);
    assert.is((await item(name)).loop_protect_status, 'on');
    await router.call('macvlan', 'remove', { name });
  });
}

loop('a disable-time of 0 lasts over a new daemon, until somebody acts', async () => {
  await router.call('macvlan', 'add', { ...ON, name: 'p', loop_protect_disable_time: '0' });
  close();
  await until('the loop to be seen', async () => (await item('p')).loop_protect_status === 'disabled', 2500);
  open();
  await router.lab.stopDaemon('SIGKILL');
  await router.startDaemon();
  await sleep(1500);
  assert.is((await item('p')).loop_protect_status, 'disabled');
  assert.match(String((await item('p')).about), /disabled by loop protect until it is changed/);
  await router.call('macvlan', 'set', { name: 'p', comment: 'looked at' });
  await until('it to run', async () => (await item('p')).running === true);
  assert.is((await item('p')).loop_protect_status, 'on');
});

loop('a thousand broadcasts of siblings are no loop', async () => {
  for (const name of ['s1', 's2', 's3']) await router.call('macvlan', 'add', { ...ON, name });
  const { lab } = router;
  // A sender that goes on at the pace of the machine, in the middle of the protected ones' own packets.
  lab.in(
    lab.router,
    'python3',
    '-c',
    [
      'import socket',
      's = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)',
      "mac = lambda n: bytes.fromhex(open(f'/sys/class/net/{n}/address').read().strip().replace(':', ''))",
      'for i in range(1000):',
      "  n = f's{i % 3 + 1}'",
      "  s.sendto(b'\\xff' * 6 + mac(n) + b'\\x90\\x03' + bytes(46), (n, 0x9003))",
    ].join('\n'),
  );
  await sleep(1200);
  for (const name of ['s1', 's2', 's3', 'p']) assert.is((await item(name)).loop_protect_status, 'on', name);
  assert.not.match(router.lab.log('macvland'), /s\d: loop protect/);
});

loop('packets of another router on the wire are none of ours', async () => {
  const { lab } = router;
  lab.in(
    lab.isp,
    'python3',
    '-c',
    [
      'import socket',
      's = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)',
      "s.sendto(b'\\xff' * 6 + bytes.fromhex('4c5e0c14ef0e') + b'\\x90\\x03' + bytes(46), ('wire', 0x9003))",
    ].join('\n'),
  );
  await sleep(300);
  assert.is((await item('p')).loop_protect_status, 'on');
});

loop('the parent goes down and comes back: it is protected as before', async () => {
  const { lab } = router;
  lab.in(lab.router, 'ip', 'link', 'set', 'ether1', 'down');
  await until('it to run', async () => (await item('p')).running === true);
  close();
  await until('the loop to be seen', async () => (await item('p')).loop_protect_status === 'disabled', 4000);
  open();
});

loop.run();
