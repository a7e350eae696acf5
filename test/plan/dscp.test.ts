import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nothing, type Want } from '../../src/model/want.ts';
import { indexed } from '../../src/model/world.ts';
import type { Context } from '../../src/plan/context.ts';
import { dscpBody } from '../../src/plan/dscp.ts';
import { NOTHING_SEEN, PORT } from '../helpers/seen.ts';

const dscp = suite('dscp');

const LINKS = ['b', 'a'].map((ifname, n) => ({ ...PORT, ifname, ifindex: n + 2 }));
const { links } = indexed({ ...NOTHING_SEEN, links: LINKS });

function bodyOf(want: Want): string {
  return dscpBody({ want, world: { links } } as Context);
}

dscp('a chain for each link that is there', () => {
  const want = {
    ...nothing(),
    dscp: [
      { ifname: 'b', dscp: 46 },
      { ifname: 'gone', dscp: 1 },
      { ifname: 'a', dscp: 8 },
    ],
  };
  assert.is(
    bodyOf(want),
    [
      '\tchain dscp_3 {',
      '\t\ttype filter hook egress device "a" priority 0; policy accept;',
      '\t\tudp sport 68 udp dport 67 ip dscp set 8',
      '\t}',
      '\tchain dscp_2 {',
      '\t\ttype filter hook egress device "b" priority 0; policy accept;',
      '\t\tudp sport 68 udp dport 67 ip dscp set 46',
      '\t}',
      '',
    ].join('\n'),
  );
});

dscp('a link whose name nft would read otherwise costs the others nothing', () => {
  const { links } = indexed({ ...NOTHING_SEEN, links: [{ ...PORT, ifindex: 2, ifname: 'a"b' }] });
  const want = { ...nothing(), dscp: [{ ifname: 'a"b', dscp: 46 }] };
  assert.is(dscpBody({ want, world: { links } } as Context), '');
});

dscp('nothing is no text', () => {
  assert.is(bodyOf(nothing()), '');
});

dscp.run();
