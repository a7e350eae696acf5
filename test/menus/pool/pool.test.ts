import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { printRange } from '../../../src/bytes/subnet.ts';
import { checked } from '../../../src/menus/checks.ts';
import { rangesOf } from '../../../src/menus/pool/want.ts';
import { edit } from '../../../src/model/edit.ts';
import type { Arguments } from '../../../src/model/select.ts';
import { FakeKernel } from '../../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../../helpers/lab.ts';
import { menus } from '../../helpers/menus.ts';

const pool = suite('/ip pool');

const menu = menus.find(({ type }) => type === 'pool')!;
const SECTIONS: Sections = {
  a: { type: 'pool', name: 'a', ranges: '192.0.2.10-192.0.2.19 192.0.2.40', next_pool: 'b' },
  b: { type: 'pool', name: 'b', ranges: '192.0.2.64/30', next_pool: 'a' },
  c: { type: 'pool', name: 'c', ranges: '192.0.2.80', next_pool: 'none' },
  pool1: { type: 'pool', ranges: '192.0.2.81' },
};
const world = (sections = SECTIONS) => new Lab(new FakeKernel(), configOf(sections)).world;
const write = (method: 'add' | 'set', args: Arguments) => edit(method, checked(menu), args, world());

const REFUSED: [method: 'add' | 'set', args: Arguments, error: string][] = [
  ['add', { name: 'd' }, 'ranges is missing'],
  ['add', { name: 'a', ranges: '10.0.0.1' }, 'name a is already that of another pool (a)'],
  ['add', { name: 'static-only', ranges: '10.0.0.1' }, 'name static-only stands for no pool at all; choose another'],
  ['add', { ranges: '10.0.0.9,10.0.0.1-10.0.0.20' }, 'ranges 10.0.0.1-10.0.0.20 and 10.0.0.9 overlap'],
  [
    'add',
    { ranges: '10.0.0.9-x' },
    'ranges "10.0.0.9-x" is not valid: 10.0.0.9-x: expected a range such as 192.0.2.10-192.0.2.99, an address, or a network such as 192.0.2.0/24',
  ],
  ['add', { ranges: '10.0.0.9', next_pool: 'x' }, 'next_pool x does not exist; add it first'],
  ['set', { name: 'a', next_pool: 'a' }, 'next_pool a is the pool itself'],
];

for (const [method, args, error] of REFUSED) {
  pool(`${method} ${JSON.stringify(args)} is refused`, () => {
    assert.throws(
      () => write(method, args),
      (refused: Error) => refused.message === error || assert.is(refused.message, error),
    );
  });
}

pool('without a name it has the first that is free', () => {
  assert.equal(write('add', { ranges: '10.0.0.1' }).answer, { id: 'pool_1', name: 'pool2' });
});

pool('what follows it is handed out too, each once; what is disabled is not', () => {
  const of = (sections: Sections) => rangesOf(world(sections).config, 'a').map(printRange);
  const all = ['192.0.2.10-192.0.2.19', '192.0.2.40', '192.0.2.64-192.0.2.67'];
  assert.equal(of(SECTIONS), all);
  assert.equal(of({ ...SECTIONS, a: { ...SECTIONS.a!, disabled: '1' } }), all.slice(2));
});

pool('it says how many it has, and what is missing', () => {
  const { config, ...rest } = world();
  const states = config.items.map((item) => menu.state(item, { config, ...rest }));
  assert.equal(
    states.map(({ total, about }) => [total, about]),
    [
      [11, undefined],
      [4, undefined],
      [1, 'next_pool none does not exist'],
      [1, undefined],
    ],
  );
});

pool('whoever names it goes on doing so when it is renamed, and nobody else is touched', () => {
  const sections = {
    ...SECTIONS,
    s: { type: 'dhcp_server', name: 'b', interface: 'b', address_pool: 'b' },
    t: { type: 'dhcp_server', name: 't', interface: 'm', address_pool: 'a' },
  };
  const { changes } = edit('set', checked(menu), { id: 'b', name: 'renamed' }, world(sections));
  assert.equal(changes, [
    { do: 'set', section: 'b', option: 'name', value: 'renamed' },
    { do: 'set', section: 's', option: 'address_pool', value: 'renamed' },
    { do: 'set', section: 'a', option: 'next_pool', value: 'renamed' },
  ]);
});

pool('the name of a server is no interface', () => {
  const server = menus.find(({ type }) => type === 'dhcp_server')!;
  const sections = { s: { type: 'dhcp_server', name: 'm', interface: 'm' } };
  const { changes } = edit('set', checked(server), { id: 's', name: 'n' }, world(sections));
  assert.equal(changes, [{ do: 'set', section: 's', option: 'name', value: 'n' }]);
});

pool.run();
