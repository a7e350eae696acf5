import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Firewall, type Verdict } from '../../../src/menus/macvlan/firewall.ts';
import { fixture } from '../../helpers/fixture.ts';

const firewall = suite('firewall');

/** The rulesets stand beside their JSON, which is what nft made of them. */
const ROWS: [ruleset: string, from: string, to: string, Verdict['verdict'], by: string | undefined, unless?: string][] =
  [
    ['open', 'm1', 'm2', 'accept', undefined],
    ['zones', 'br-lan', 'wan', 'accept', 'rule 2 (!fw4: accept) of chain accept_to_wan of table inet fw4'],
    ['zones', 'br-lan', 'm7', 'accept', 'rule 2 (!fw4: accept) of chain accept_to_wan of table inet fw4'],
    ['zones', 'br-lan', 'eth7', 'drop', 'rule 2 of chain handle_reject of table inet fw4'],
    [
      'zones',
      'm1',
      'm2',
      'drop',
      'rule 2 of chain handle_reject of table inet fw4',
      'rule 2 (port forwards) of chain forward_wan of table inet fw4',
    ],
    ['zones', 'm3', 'm2', 'drop', 'rule 2 of chain handle_reject of table inet fw4'],
    ['twice', 'm1', 'm9', 'accept', 'the policy accept of chain forward of table inet second'],
    ['twice', 'm2', 'm9', 'drop', 'rule 1 (bad ones) of chain forward of table inet second'],
    ['twice', 'm4', 'm9', 'drop', 'rule 2 of chain m4 of table inet second'],
    ['twice', 'm4', 'm1', 'accept', 'the policy accept of chain forward of table inet second'],
    ['twice', 'm7', 'm5', 'drop', 'rule 3 of chain forward of table inet second'],
    ['twice', 'm7', 'm6', 'accept', 'rule 3 of chain forward of table inet second'],
  ];

for (const [ruleset, from, to, verdict, by, unless] of ROWS) {
  firewall(`${ruleset}: ${from} to ${to}: ${verdict}`, () => {
    assert.equal(new Firewall(fixture(`nft/${ruleset}.json`)).forward(from, to), { verdict, by, unless });
  });
}

firewall('chains that call each other without end do not keep it', () => {
  const chain = { family: 'ip', table: 't', name: 'c' };
  const base = { ...chain, name: 'b', hook: 'forward', prio: 0, policy: 'accept' };
  const jump = (from: string) => ({
    rule: { family: 'ip', table: 't', chain: from, expr: [{ jump: { target: 'c' } }] },
  });
  const text = JSON.stringify({ nftables: [{ chain }, { chain: base }, jump('b'), jump('c')] });
  assert.is(new Firewall(text).forward('a', 'b').verdict, 'accept');
});

firewall('a text that is no ruleset throws', () => {
  assert.throws(
    () => new Firewall('Error: syntax error'),
    (error: unknown) => error instanceof SyntaxError,
  );
});

firewall.run();
