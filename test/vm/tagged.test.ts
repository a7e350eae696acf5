import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inside } from './inside.ts';
import { Provider } from './provider.ts';

inside('uml');

const tagged = suite('PPPoE in a VLAN');
let isp: Provider;

tagged.before(async () => {
  isp = await Provider.start({ user1: 'secret1', user2: 'secret2', user3: 'secret3' });
  isp.tag(7);
  await isp.startServer();
  isp.inRouter('ip link add link ether1 name ether1.7 type vlan id 7');
});
tagged.after(() => isp?.close());

tagged('two macvlans on a VLAN of the port, and the VLAN itself: a session each, and each is heard', async () => {
  isp.typed(`/interface macvlan add interface=ether1.7 name=line1
/interface macvlan add interface=ether1.7 name=line2
/interface pppoe-client add interface=line1 name=out1 user=user1 password=secret1
/interface pppoe-client add interface=line2 name=out2 user=user2 password=secret2
/interface pppoe-client add interface=ether1.7 name=out3 user=user3 password=secret3`);
  await isp.connected('out1', 'out2', 'out3');
  const clients = await isp.clients();
  assert.is(new Set(clients.map(({ local_address }) => local_address)).size, 3);
  isp.allPinged(clients);
});

tagged('a whole Ethernet frame less the headers of PPPoE fits', async () => {
  const { mtu } = await isp.client('out1');
  assert.is(mtu, 1492);
});

tagged.run();
