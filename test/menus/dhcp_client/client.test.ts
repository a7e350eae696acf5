import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { argv } from '../../../src/menus/dhcp_client/client.ts';
import { type DhcpClient, dhcpClientProperties } from '../../../src/menus/dhcp_client/properties.ts';
import { parseValue, withDefaults } from '../../../src/model/properties.ts';

const client = suite('dhcp-client command line');

const PLACE = { key: 'c', ifname: 'm0', mac: '02:00:5E:10:00:0A', runDir: '/run', scripts: '/lib' };

/** What the properties, as a user writes them, make of the command line. */
function line(given: Record<string, string> = {}): string[] {
  const values = Object.entries(given).map(([name, text]) => [name, parseValue(dhcpClientProperties, name, text)]);
  return argv(PLACE, withDefaults(dhcpClientProperties, Object.fromEntries(values)) as DhcpClient);
}

/** What is sent: options by their codes, and what stands before them. */
function sent(given: Record<string, string>): string[] {
  const words = line(given);
  return words.slice(words.lastIndexOf('-O') + 2).filter((word) => word !== '-x');
}

client('a plain client asks for what RouterOS does, and is known by its MAC', () => {
  assert.is(
    line().join(' '),
    'udhcpc -f -R -o -i m0 -p /run/clients/c -s /lib/udhcpc.script -T 3 -t 3 -A 10 ' +
      '-O 1 -O 3 -O 6 -O 15 -O 33 -O 42 -O 43 -O 121 -O 138 -x 61:0102005e10000a',
  );
});

const ROWS: [title: string, given: Record<string, string>, expected: string[]][] = [
  ['a name', { host_name: 'box-1' }, ['12:626f782d31', '61:0102005e10000a']],
  ['a name that is not to be sent', { host_name: 'box-1', dhcp_options: 'clientid' }, ['61:0102005e10000a']],
  ['an identity as text', { client_id: `a 'b"$(c)` }, ['61:612027622224286329']],
  ['an identity as bytes', { client_id: '0x00AbcD' }, ['61:00abcd']],
  ['no identity', { dhcp_options: 'hostname' }, ['-C']],
  ['an identity for all times', { dhcp_options: 'clientid_duid' }, ['61:ff5e10000a0003000102005e10000a']],
  ['an option as bytes', { dhcp_options: 'clientid,77:0x0A0b' }, ['61:0102005e10000a', '77:0a0b']],
  ['an option as text', { dhcp_options: `clientid 77:'-x;$(y)"'` }, ['61:0102005e10000a', '77:2d783b2428792922']],
  [
    "a vendor class in place of udhcpc's own",
    { dhcp_options: "clientid,60:'MS'" },
    ['-V', '', '61:0102005e10000a', '60:4d53'],
  ],
];

for (const [title, given, expected] of ROWS) client(`it sends ${title}`, () => assert.equal(sent(given), expected));

client('broadcast is asked for only always, and the lease is given back unless told otherwise', () => {
  assert.ok(line({ use_broadcast: 'always' }).includes('-B'));
  for (const use_broadcast of ['both', 'never']) assert.not.ok(line({ use_broadcast }).includes('-B'));
  assert.not.ok(line({ release_on_stop: 'no' }).includes('-R'));
});

const REFUSED: [property: string, text: string, why: string][] = [
  ['add_default_route', 'maybe', 'expected yes | no | special-classless'],
  ['allow_reconfigure', 'yes', 'udhcpc knows no FORCERENEW; set it to no, and use renew'],
  ['allow_reconfigure', 'x', 'expected no'],
  ['host_name', 'a b', 'expected letters, digits, hyphens and dots, at most 63'],
  ['host_name', '-a', 'expected letters, digits, hyphens and dots, at most 63'],
  ['host_name', 'a'.repeat(64), 'expected letters, digits, hyphens and dots, at most 63'],
  ['client_id', '0x123', 'expected a text of at most 255 characters, or bytes as 0x0102…'],
  ['client_id', 'x'.repeat(256), 'expected a text of at most 255 characters, or bytes as 0x0102…'],
  ['dhcp_options', 'clientid,12:0x41', '12:0x41: option 12 cannot be given here: use host-name'],
  ['dhcp_options', "61:'x'", "61:'x': option 61 cannot be given here: use client-id"],
  ['dhcp_options', '53:0x01', '53:0x01: option 53 cannot be given here: udhcpc sets it'],
  ['dhcp_options', '256:0x01', '256:0x01: option 256 is none; they end at 254'],
  ['dhcp_options', '77:0x1', "77:0x1: expected hostname, clientid, clientid_duid, CODE:0xHEX or CODE:'TEXT'"],
  ['dhcp_options', 'x', "x: menu /ip dhcp-client option is not here; give it as CODE:0xHEX or CODE:'TEXT'"],
  ['default_route_tables', 'local', "local: table local is the kernel's own; take main or a number such as 100"],
  ['default_route_tables', '255:1', "255:1: table local is the kernel's own; take main or a number such as 100"],
  ['default_route_tables', '0', '0: expected TABLE or TABLE:DISTANCE, such as main:1 or 100:5'],
  ['default_route_tables', '5:256', '5:256: expected TABLE or TABLE:DISTANCE, such as main:1 or 100:5'],
  ['default_route_tables', '28022000', '28022000: tables from 28022000 on are our own; take a lower number'],
  [
    'default_route_tables',
    'isp1:2',
    'isp1:2: of names only main and default are known; give the number of the table, such as 100:5',
  ],
  [
    'default_route_tables',
    'constructor',
    'constructor: of names only main and default are known; give the number of the table, such as 100:5',
  ],
  ['script', 'etc/x', 'only the path of an executable file is run, such as /etc/macvlan/lease.sh'],
  ['dscp', '64', 'expected a whole number from 0 to 63'],
  ['use_broadcast', 'yes', 'expected both | always | never'],
];

for (const [property, text, why] of REFUSED) {
  client(`${property} ${text.slice(0, 20)} is refused with its reason`, () => {
    const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
    assert.throws(
      () => parseValue(dhcpClientProperties, property, text),
      ({ message }: Error) =>
        assert.is(message, `${property} ${JSON.stringify(shown)} is not valid: ${why}`) === undefined,
    );
  });
}

client('values are kept as RouterOS has them', () => {
  const rows: [string, string, unknown][] = [
    ['add_default_route', '1', 'yes'],
    ['add_default_route', 'false', 'no'],
    ['add_default_route', 'special-classless', 'special-classless'],
    ['default_route_tables', 'main:1,254,100:05 253', ['main:1', 'main', '100:5', 'default']],
    ['allow_reconfigure', '0', false],
  ];
  for (const [name, text, value] of rows) assert.equal(parseValue(dhcpClientProperties, name, text), value, name);
});

client.run();
