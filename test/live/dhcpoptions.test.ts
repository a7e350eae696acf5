import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dhcpNetworkProperties } from '../../src/menus/dhcp_network/properties.ts';

const test = suite('live/dhcpoptions');

const CODES = Array.from({ length: 254 }, (_, n) => n + 1);
const VALUES = ['x', '5', '-1', '99999', '01:2a', '192.0.2.1', '255.255.255.0', '300.1.1.1', '1.2', '.1', '1.', 'a.b'];
const LONG = ['a'.repeat(255), 'a'.repeat(256)];

test('a DHCP option of a network that is accepted keeps dnsmasq from nothing', () => {
  const { type } = dhcpNetworkProperties.dhcp_option;
  const words = [...VALUES.flatMap((value) => CODES.map((code) => `${code}:${value}`)), ...LONG.map((a) => `114:${a}`)];
  const accepted = words.filter((word) => type.parse(word));
  const options = accepted.map((word) => `--dhcp-option=tag:n0,${word.replace(':', ',')}`);
  execFileSync('dnsmasq', ['--test', '--conf-file=/dev/null', '--port=0', ...options], { stdio: 'pipe' });
  assert.ok(accepted.length > 1500);
  assert.ok(accepted.includes('6:192.0.2.1') && accepted.includes('1:255.255.255.0'));
  assert.equal(
    ['6:x', '3:5', '114:300.1.1.1', '57:5'].filter((word) => type.parse(word)),
    [],
  );
});

test.run();
