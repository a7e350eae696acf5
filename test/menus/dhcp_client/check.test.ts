import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checked } from '../../../src/menus/checks.ts';
import { edit } from '../../../src/model/edit.ts';
import { FakeKernel } from '../../helpers/kernel.ts';
import { configOf, Lab, type Sections } from '../../helpers/lab.ts';
import { menus } from '../../helpers/menus.ts';

const check = suite('/ip dhcp-client, check');

const M: Sections = {
  m: { type: 'macvlan', name: 'm', interface: 'ether1', mac_address: '02:00:00:00:00:01' },
  a: { type: 'address', address: '192.0.2.1/24', interface: 'm' },
};
const S = { type: 'dhcp_server', name: 'dhcp1', interface: 'm' };
const N = { type: 'dhcp_network', address: '192.0.2.0/24', gateway: '192.0.2.9 192.0.2.1' };
const OFF = { type: 'dhcp_client', interface: 'm', disabled: '1' };

const BY_SERVER =
  'interface m cannot have a dhcp-client: dhcp-server dhcp1 would answer it; remove or disable that first';
const BY_NETWORK =
  'interface m cannot have a dhcp-client: dhcp-server network 192.0.2.0/24 would answer it; remove or disable that first';

const ROWS: [title: string, sections: Sections, refusal: string | undefined][] = [
  ['with nothing that serves', M, undefined],
  ['with a server', { ...M, s: S }, BY_SERVER],
  ['with a server and its network', { ...M, s: S, n: N }, BY_SERVER],
  ['with a disabled server, which rules its network', { ...M, s: { ...S, disabled: '1' }, n: N }, undefined],
  ['with a network whose gateway it is', { ...M, n: N }, BY_NETWORK],
  ['with that network disabled', { ...M, n: { ...N, disabled: '1' } }, undefined],
  ['with a network of another gateway', { ...M, n: { ...N, gateway: '192.0.2.9' } }, undefined],
  ['with the address disabled', { ...M, a: { ...M.a!, disabled: '1' }, n: N }, undefined],
  ['beside a served one', { ...M, s: { ...S, interface: 'other' }, n: { ...N, gateway: '192.0.2.2' } }, undefined],
];

function refusalOf(method: 'add' | 'enable', sections: Sections): string | undefined {
  const { world } = new Lab(new FakeKernel(), configOf(sections));
  const menu = checked(menus.find(({ type }) => type === 'dhcp_client')!);
  try {
    edit(method, menu, method === 'add' ? { interface: 'm' } : { id: 'c' }, world);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

for (const [title, sections, refusal] of ROWS)
  check(`on an interface ${title} it is ${refusal ? 'refused' : 'taken'}, added or enabled`, () => {
    assert.is(refusalOf('add', sections), refusal);
    assert.is(refusalOf('enable', { ...sections, c: OFF }), refusal);
  });

check('a disabled one may stand beside a server', () => {
  const { world } = new Lab(new FakeKernel(), configOf({ ...M, s: S }));
  const menu = checked(menus.find(({ type }) => type === 'dhcp_client')!);
  assert.ok(edit('add', menu, { interface: 'm', disabled: 'yes' }, world));
});

check.run();
