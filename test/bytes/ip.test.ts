import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { toHex } from '../../src/bytes/hex.ts';
import {
  broadcastOf,
  networkOf,
  parseIpv4,
  parseMac,
  prefixOfNetmask,
  printIpv4,
  printMac,
} from '../../src/bytes/ip.ts';

const ip = suite('ip');

ip('a MAC is read in three notations and printed in one', () => {
  const rows = ['02:00:5e:10:00:0a', '02-00-5E-10-00-0A', '02.00.5e.10.00.0a', '2:0:5e:10:0:a'];
  for (const text of rows) assert.is(printMac(parseMac(text)!), '02:00:5E:10:00:0A');
});

ip('what is no MAC is none', () => {
  const rows = [
    '',
    '02:00:5e:10:00',
    '02:00:5e:10:00:0a:0b',
    '02:00-5e:10:00:0a',
    '02005e10000a',
    '0200.5e10.000a',
    '02:00:5e:10:00:0g',
    '002:00:5e:10:00:0a',
    ' 02:00:5e:10:00:0a',
    '02:00:5e:10:00:0a\n',
    '02 00 5e 10 00 0a',
  ];
  for (const text of rows) assert.is(parseMac(text), undefined, text);
});

ip('an IPv4 address is read and printed', () => {
  const rows: [string, string][] = [
    ['0.0.0.0', '00000000'],
    ['192.0.2.10', 'c000020a'],
    ['255.255.255.255', 'ffffffff'],
  ];
  for (const [text, bytes] of rows) {
    assert.is(toHex(parseIpv4(text)!), bytes);
    assert.is(printIpv4(parseIpv4(text)!), text);
  }
});

ip('what is no IPv4 address is none', () => {
  const rows = [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.04',
    '1.2.3.4 ',
    '0x1.2.3.4',
    '1..2.3',
    '-1.2.3.4',
    '1.2.3.4/24',
    '1e1.2.3.4',
  ];
  for (const text of rows) assert.is(parseIpv4(text), undefined, text);
});

ip('a netmask has its ones in one run', () => {
  const rows: [string, number | undefined][] = [
    ['0.0.0.0', 0],
    ['128.0.0.0', 1],
    ['255.255.255.0', 24],
    ['255.255.255.252', 30],
    ['255.255.255.255', 32],
    ['255.0.255.0', undefined],
    ['0.0.0.255', undefined],
    ['255.255.255', undefined],
    ['24', undefined],
  ];
  for (const [text, prefix] of rows) assert.is(prefixOfNetmask(text), prefix, text);
});

ip('the network of an address has its host bits cleared', () => {
  const rows: [string, number, string][] = [
    ['192.0.2.130', 32, '192.0.2.130'],
    ['192.0.2.131', 31, '192.0.2.130'],
    ['192.0.2.130', 25, '192.0.2.128'],
    ['192.0.2.130', 24, '192.0.2.0'],
    ['192.0.3.130', 23, '192.0.2.0'],
    ['10.255.1.2', 9, '10.128.0.0'],
    ['10.255.1.2', 8, '10.0.0.0'],
    ['192.0.2.130', 0, '0.0.0.0'],
  ];
  for (const [address, prefix, network] of rows) assert.is(networkOf(address, prefix), network, `${address}/${prefix}`);
});

ip('the last address of its network', () => {
  const rows: [address: string, prefix: number, last: string][] = [
    ['192.0.2.130', 32, '192.0.2.130'],
    ['192.0.2.130', 31, '192.0.2.131'],
    ['192.0.2.130', 25, '192.0.2.255'],
    ['192.0.2.3', 25, '192.0.2.127'],
    ['192.0.3.130', 23, '192.0.3.255'],
    ['10.255.1.2', 8, '10.255.255.255'],
  ];
  for (const [address, prefix, last] of rows) assert.is(broadcastOf(address, prefix), last, `${address}/${prefix}`);
});

ip.run();
