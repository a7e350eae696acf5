import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { learn, noFacts } from '../../src/model/facts.ts';
import { readKept } from '../../src/model/kept.ts';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab } from '../helpers/lab.ts';

const settings = suite('settings of links and of the system');

settings('a daemon that is killed as soon as it changed a setting has written down what it was', () => {
  const kernel = new FakeKernel();
  kernel.port('ether1', { up: true });
  const one = new Lab(
    kernel,
    configOf({ address_1: { type: 'address', address: '10.0.0.1/24', interface: 'ether1', gateway: '10.0.0.254' } }),
  );
  const { ops } = one.plan();
  const at = ops.findIndex(({ op }) => op === 'setConf');
  assert.ok(at > 0);
  const texts = ops.slice(0, at).flatMap((op) => (op.op === 'writeFile' && op.name === 'kept' ? [op.text] : []));
  const facts = readKept(texts.at(-1) ?? '', one.now).reduce(learn, noFacts());
  assert.equal([...facts.confs.keys()], ['ether1']);
  one.settle(5);
  assert.is(one.plan().ops.length, 0, 'what is kept afterwards is the same');
});

settings('a port that was given another name meanwhile gets its settings back', () => {
  const kernel = new FakeKernel();
  const ifindex = kernel.port('ether1', { up: true, conf: { arpIgnore: 0, arpAnnounce: 0, rpFilter: 1 } });
  const address = { type: 'address', address: '10.0.0.1/24', interface: 'ether1', gateway: '10.0.0.254' };
  const one = new Lab(kernel, configOf({ address_1: address }));
  one.settle(5);
  const port = kernel.links.get(ifindex)!;
  assert.is(port.conf?.rpFilter, 2);
  kernel.links.set(ifindex, { ...port, ifname: 'wan0' });
  one.settle(5);
  assert.is(kernel.links.get(ifindex)?.conf?.rpFilter, 1);
});

settings('of what has gone nothing is kept', () => {
  const kernel = new FakeKernel();
  kernel.port('ether1', { up: true, conf: { arpIgnore: 0, arpAnnounce: 0, rpFilter: 1 } });
  const foreign = kernel.port('ether2', { up: true, conf: { arpIgnore: 0, arpAnnounce: 0, rpFilter: 1 } });
  const address = (n: number, on: string) => ({
    [`address_${n}`]: { type: 'address', address: `10.0.${n}.1/24`, interface: on, gateway: `10.0.${n}.254` },
  });
  const line = { m: { type: 'macvlan', interface: 'ether1' } };
  const one = new Lab(kernel, configOf({ ...line, ...address(1, 'm'), ...address(2, 'ether2') }));
  one.settle(9);
  assert.match(kernel.files.get('kept')!, /ether2/);
  kernel.unplug(foreign);
  one.settle(9);
  assert.not.match(kernel.files.get('kept')!, /ether2/);
  one.config = configOf({});
  one.settle(9);
  assert.is(kernel.files.get('kept'), '');
});

settings.run();
