import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { argv, secrets, sizesOf } from '../../../src/menus/pppoe_client/client.ts';
import { type PppoeClient, pppoeClientProperties } from '../../../src/menus/pppoe_client/properties.ts';
import { type AnyValues, parseValue, withDefaults } from '../../../src/model/properties.ts';

const client = suite('pppoe-client command line');

const place = {
  key: 'pppoe_client_1',
  client: 'pppoe_client_1',
  links: ['macvlan1'],
  ifname: 'pppoe-out1',
  parent: 'macvlan1',
  parentMtu: 1500,
  plugin: 'pppoe.so',
  runDir: '/var/run/macvlan',
  scripts: '/usr/share/macvlan',
};

function valuesOf(given: AnyValues = {}): PppoeClient {
  return withDefaults(pppoeClientProperties, { name: 'pppoe-out1', interface: 'macvlan1', ...given }) as PppoeClient;
}

client('by default: one session, no route, no address of its own making', () => {
  assert.is(
    argv(place, valuesOf()).join(' '),
    'pppd file /var/run/macvlan/clients/pppoe_client_1 nodetach logfd 1 nopersist maxfail 1 noauth noipdefault ' +
      'nodefaultroute ifname pppoe-out1 ipparam pppoe_client_1 ip-up-script /usr/share/macvlan/pppd.script ' +
      'ip-down-script /usr/share/macvlan/pppd.script mtu 1492 mru 1492 lcp-echo-interval 10 lcp-echo-failure 3 ' +
      'refuse-eap +ipv6 plugin pppoe.so rp_pppoe_verbose 1 nic-macvlan1',
  );
});

const OPTIONS: [given: AnyValues, has: string][] = [
  [{ use_peer_dns: true }, 'nodefaultroute usepeerdns'],
  [{ keepalive_timeout: 'disabled' }, 'lcp-echo-interval 0 lcp-echo-failure 0'],
  [{ keepalive_timeout: 30 }, 'lcp-echo-interval 30 lcp-echo-failure 3'],
  [{ allow: ['pap'] }, 'refuse-chap refuse-mschap refuse-mschap-v2 refuse-eap'],
  [{ allow: ['mschap2', 'chap'] }, 'refuse-pap refuse-mschap refuse-eap'],
  [{ service_name: 'a b' }, 'rp_pppoe_service a b nic-'],
  [{ ac_name: 'bras' }, 'rp_pppoe_ac bras'],
  [{ ac_mac: '02:00:5E:10:00:01' }, 'pppoe-mac 02:00:5E:10:00:01'],
  [{ host_uniq: '00c0ffee' }, 'host-uniq 00c0ffee'],
  [{ dial_group: 'isp' }, ' nic-macvlan1 file /var/run/macvlan/gates/pppoe_client_1'],
  [{ use_ipv6: false }, ' noipv6 '],
  [{ profile: 'default-encryption' }, ' require-mppe '],
  [{ mrru: 1600 }, ' multilink mrru 1600 bundle pppoe_client_1 endpoint MAC:macvlan1 '],
  [{ dial_on_demand: true }, ' noipv6 demand nopersist plugin '],
  [{ dial_on_demand: true, idle_timeout: 60 }, ' noipv6 demand nopersist idle 60 '],
  [{ max_mtu: 1480, max_mru: 1400 }, 'mtu 1480 mru 1400'],
];
for (const [given, has] of OPTIONS)
  client(`${JSON.stringify(given)}: ${has}`, () => {
    assert.ok(argv(place, valuesOf(given)).join(' ').includes(has));
  });

client('the plugin of old has another name for the MAC address of the server', () => {
  const old = { ...place, plugin: 'rp-pppoe.so' };
  const line = argv(old, valuesOf({ ac_mac: '02:00:5E:10:00:01' })).join(' ');
  assert.match(line, 'plugin rp-pppoe.so rp_pppoe_verbose 1 rp_pppoe_mac 02:00:5E:10:00:01 nic-macvlan1');
});

client('no user and no password is in it, whatever they are', () => {
  const [bare, full] = [valuesOf(), valuesOf({ user: 'me', password: 'tiger' })];
  assert.equal(argv(place, full), argv(place, bare));
});

const SIZES: [mtu: number, max: number | 'auto', size: number][] = [
  [1500, 'auto', 1492],
  [1508, 'auto', 1500],
  [9000, 'auto', 1500],
  [1400, 'auto', 1392],
  [9000, 4000, 4000],
  [1500, 1500, 1492],
];
for (const [parentMtu, max_mtu, mtu] of SIZES)
  client(`max-mtu ${max_mtu} on an interface of ${parentMtu}: ${mtu}`, () => {
    assert.equal(sizesOf({ max_mtu, max_mru: 'auto' }, parentMtu).mtu, mtu);
  });

client('of several interfaces each has a pppd, and all are one bundle', () => {
  const second = { ...place, key: 'pppoe_client_1__1', links: ['macvlan1', 'macvlan2'], parent: 'macvlan2' };
  const line = argv(second, valuesOf({ interface: 'macvlan1,macvlan2' })).join(' ');
  assert.match(line, 'file /var/run/macvlan/clients/pppoe_client_1__1 ');
  assert.match(line, ' ipparam pppoe_client_1 ');
  assert.match(line, ' multilink bundle pppoe_client_1 endpoint MAC:macvlan1 plugin ');
  assert.match(line, / nic-macvlan2$/);
});

const WORDS: [text: string, word: string][] = [
  ['isp_user', '"isp_user"'],
  [`it's`, `"it's"`],
  ['a "b"', '"a \\"b\\""'],
  ['\\', '"\\\\"'],
  ['#no comment', '"#no comment"'],
  ['$(id) `id` %s', '"$(id) `id` %s"'],
  ['übung', '"übung"'],
  ['\\"', '"\\\\\\""'],
];
for (const [text, word] of WORDS)
  client(`a password of ${text} is ${word} in pppd's file`, () => {
    assert.is(
      secrets({ user: 'me', password: text }, '/run/a b'),
      `user "me"\npassword ${word}\nset "MACVLAN_EVENTS=/run/a b/events"\n`,
    );
  });

client('who has no password sends none, and who has no name an empty one', () => {
  assert.is(secrets({}, '/run'), 'user ""\nset "MACVLAN_EVENTS=/run/events"\n');
});

const REFUSED: [property: string, value: string, error: RegExp][] = [
  ['password', 'two\nlines', /^password is not valid: expected text of at most 255 bytes$/],
  ['password', 'x'.repeat(256), /^password is not valid/],
  ['user', 'ü'.repeat(128), /^user "/],
  ['host_uniq', '0xabc', /^host_uniq "0xabc" is not valid: expected bytes in hex/],
  ['allow', 'eap', /^allow "eap" is not valid/],
  ['max_mtu', '100', /^max_mtu "100" is not valid/],
  ['keepalive_timeout', 'never', /^keepalive_timeout "never" is not valid: expected disabled \|/],
];
for (const [property, value, error] of REFUSED)
  client(`${property} ${JSON.stringify(value.slice(0, 20))} is refused`, () => {
    assert.throws(
      () => parseValue(pppoeClientProperties, property, value),
      ({ message }: Error) => error.test(message),
    );
  });

client('a host-uniq with 0x is the same', () => {
  assert.is(parseValue(pppoeClientProperties, 'host_uniq', '0x00C0FFEE'), '00c0ffee');
});

client.run();
