import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { Router } from './router.ts';

/**
 * The bundle that ships, as a big-endian CPU runs it: bytes on netlink, ubus and packet sockets, constants, children.
 * qemu-user translates no link creation on big-endian, so what is tried stands on the port itself.
 */
const mips = suite('the bundle on big-endian MIPS');
let router: Router;

mips.before(async () => {
  router = await Router.start(
    'qjs-mips',
    "config macvlan 'line'\n\toption interface 'ether9'\n\nconfig macvlan 'bad'\n\toption mode 'x'\n",
  );
});
mips.after(() => router.close());

mips('--version and --plan', () => {
  assert.is(router.lab.daemonOnce('--version').stdout, 'macvland 0.1.0\n');
  assert.match(
    router.lab.daemonOnce('--plan').stderr,
    /^line \d+: bad: mode "x" is not valid: expected bridge \| private \| vepa \| passthru \| source$/m,
  );
});

mips('its objects are on the bus, and say what is', async () => {
  const line = (await router.list('macvlan')).find(({ name }) => name === 'line');
  assert.is(line?.state, 'waiting for ether9');
  assert.match(router.config, /option mac_address '[0-9A-F][26AE](:[0-9A-F]{2}){5}'/);
});

mips('a client of the port gets its lease, its address and its routes', async () => {
  // qemu-user refuses IPv4 settings and rules, and whatever is sent along with them.
  await router.call('macvlan.dhcp_client', 'add', { interface: 'ether1', source_routing: 'no' });
  await router.bound(1);
  const [client] = await router.list('dhcp_client');
  // qemu-user turns the broadcast address round on its way back (it takes IFA_BROADCAST for a number), so the address
  // reads as another one and is made anew, with its routes, at ever longer intervals. No kernel does so.
  await until('the address', () => `${router.addressesOf('ether1')}/24` === client?.address);
  await until('the default route', () =>
    /^default via 198\.51\.100\.1 dev ether1 .*metric 1/.test(
      router.lab.in(router.lab.router, 'ip', 'route', 'show', 'proto', '109'),
    ),
  );
});

mips('a new daemon takes it over', async () => {
  const clients = router.clients();
  await router.lab.stopDaemon('SIGKILL');
  await router.startDaemon();
  await router.bound(1);
  assert.equal(router.clients(), clients);
});

mips('the console prints it', async () => {
  const { stdout } = router.lab.console('/ip dhcp-client print\n');
  assert.match(stdout, /^0 ether1 +yes +yes +bound +198\.51\.100\.\d+\/24/m);
});

mips('the client gone, its lease is given back', async () => {
  await router.call('macvlan.dhcp_client', 'remove', { name: 'ether1' });
  await until('the end of the client', () => router.clients().length === 0);
  assert.equal(router.addressesOf('ether1'), []);
});

mips.run();
