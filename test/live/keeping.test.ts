import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FakeKernel } from '../helpers/kernel.ts';
import { configOf, Lab } from '../helpers/lab.ts';
import { closeAll, ip } from './namespace.ts';

/** A link with two gateways, and the table that is planned for it in the real kernel. */

const test = suite('live/keeping');
test.after(closeAll);

const nft = (text: string) => execFileSync('nft', ['-f', '-'], { input: text, encoding: 'utf8' });
const address = (n: number) => ({
  [`address_${n}`]: { type: 'address', address: `10.0.${n}.1/24`, gateway: `10.0.${n}.254`, interface: 'p0' },
});

function table(): string {
  const kernel = new FakeKernel();
  kernel.port('p0', { up: true });
  const lab = new Lab(kernel, configOf({ ...address(1), ...address(2) }));
  lab.settle(5);
  kernel.rulesets = {};
  return lab.plan().ops.flatMap((op) => (op.op === 'setRuleset' ? [op.text] : []))[0]!;
}

test('a connection that goes out has the mark of the gateway that it took, and one on the link that of the first', () => {
  nft(table());
  nft(`table ip seen {
    set marks { type ipv4_addr . mark; flags dynamic; }
    chain out { type filter hook postrouting priority 300; oifname "p0" add @marks { ip daddr . ct mark }; }
  }`);
  for (const n of [1, 2]) {
    ip('address', 'add', `10.0.${n}.1/24`, 'dev', 'p0');
    ip('neighbour', 'add', `10.0.${n}.254`, 'lladdr', '02:00:00:00:00:09', 'dev', 'p0');
    ip('route', 'add', `198.51.100.${n}`, 'via', `10.0.${n}.254`);
  }
  ip('neighbour', 'add', '10.0.2.7', 'lladdr', '02:00:00:00:00:09', 'dev', 'p0');
  for (const to of ['198.51.100.1', '198.51.100.2', '10.0.2.7'])
    execFileSync('bash', ['-c', 'echo >"/dev/udp/$0/9"', to]);
  const { nftables } = JSON.parse(
    execFileSync('nft', ['-j', 'list', 'set', 'ip', 'seen', 'marks'], { encoding: 'utf8' }),
  );
  const elements: { concat: [string, number] }[] = nftables.find((one: object) => 'set' in one).set.elem;
  const marks = new Map(elements.map(({ concat }) => concat));
  assert.equal([...marks].sort(), [
    ['10.0.2.7', 0x01000000],
    ['198.51.100.1', 0x01000000],
    ['198.51.100.2', 0x02000000],
  ]);
});

test.run();
