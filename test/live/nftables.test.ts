import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as c from '../../src/netlink/constants.ts';
import { Nftables } from '../../src/netlink/nftables.ts';
import { closeAll, machine, quiet, until } from './namespace.ts';

const test = suite('live/nftables');

const nftables = new Nftables(machine);
const nft = (...args: string[]) => execFileSync('nft', args);

test.after(() => {
  nftables.close();
  closeAll();
});

test('tables of nf_tables are told with their comments, and that one comes or goes', async () => {
  assert.equal(nftables.tables(), []);
  let calls = 0;
  nftables.subscribe(() => calls++);
  nft('add', 'table', 'arp', 'macvlan', '{ comment "abc"; }');
  nft('add', 'table', 'inet', 'fw4');
  assert.equal(nftables.tables(), [
    { family: c.NFPROTO_ARP, name: 'macvlan', comment: 'abc' },
    { family: c.NFPROTO_INET, name: 'fw4' },
  ]);
  await until(() => calls > 0);
  await quiet();
  calls = 0;
  nft('add', 'chain', 'inet', 'fw4', 'c');
  nft('add', 'set', 'inet', 'fw4', 's', '{ type ipv4_addr; }');
  nft('add', 'element', 'inet', 'fw4', 's', '{ 192.0.2.1 }');
  // The kernel keeps the comment that a table was made with.
  nft('add', 'table', 'arp', 'macvlan', '{ comment "new"; }');
  await quiet();
  assert.equal([calls, nftables.tables()[0]?.comment], [0, 'abc']);
  nft('flush', 'ruleset');
  await until(() => calls > 0);
  assert.equal(nftables.tables(), []);
});

test.run();
