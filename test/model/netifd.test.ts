import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isZoneless } from '../../src/model/netifd.ts';

const netifd = suite('model of netifd');

netifd('a line that netifd has is in no zone where nobody named one, and a firewall has zones', () => {
  const told = new Map([
    ['out1', '{"proto":"static"}'],
    ['out2', '{"proto":"static"}'],
    ['out2_zone', '{"proto":"none","zone":"wan"}'],
    ['out3', '{"proto":"static"}'],
    ['out3_zone', '{"proto":"none","served":true}'],
  ]);
  const known = { names: new Set(told.keys()), told, zones: new Map([['eth0', 'wan']]), outer: new Set<string>() };
  const zoneless = ['out1', 'out2', 'out3', 'out4'].filter((ifname) => isZoneless(ifname, known));
  assert.equal(zoneless, ['out1', 'out3']);
  assert.not.ok(isZoneless('out1', { ...known, zones: new Map() }), 'no firewall');
  assert.not.ok(isZoneless('out1', undefined), 'no netifd');
});

netifd.run();
