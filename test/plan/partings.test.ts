import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { learn } from '../../src/model/facts.ts';
import { printOp } from '../../src/plan/sentence.ts';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab } from '../helpers/lab.ts';

const partings = suite('sessions that nobody ended');
const AC = '02:5E:10:00:00:01';
// The kernel's list prints the number as it lies in the packet.
const isLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const env = {
  IPLOCAL: '192.0.2.10',
  MACREMOTE: AC,
  DEVICE: 'm1',
  sessions: `Id Address Device\n${isLittle ? '00000201' : '00000102'} ${AC.toLowerCase()} m1`,
};

function dialed(more: Record<string, string> = {}): Lab {
  const kernel = new FakeKernel();
  kernel.port('ether1', { up: true });
  const macvlan = { type: 'macvlan', name: 'm1', interface: 'ether1', mac_address: '02:00:00:00:00:0A' };
  const client = { type: 'pppoe_client', name: 'pppoe-out1', interface: 'm1', user: 'u', password: 'p' };
  const lab = new Lab(kernel, configOf({ m: macvlan, c: client }));
  lab.settle(5);
  const news = { verb: 'ppp', at: lab.now, env: { ...env, ...more } };
  lab.facts = learn(lab.facts, { type: 'news', key: 'c', news });
  return lab;
}

function killed(lab: Lab): string[] {
  lab.kernel.children = [];
  const end = { exit: 'signal 9', expected: false, threshold: 60, jitter: 0.5 };
  lab.facts = learn(lab.facts, { type: 'ended', key: 'c', at: lab.now, ...end });
  return lab.pass().map(printOp);
}

partings('a client that was killed has its session ended before the next one dials', () => {
  const lab = dialed();
  assert.equal(killed(lab), [`end session 258 of m1 with ${AC}`]);
  assert.equal(lab.plan().ops, [], 'once');
});

partings('one that said good-bye itself needs nobody to do it', () => {
  assert.equal(killed(dialed({ CONNECT_TIME: '7' })), []);
});

partings.run();
