import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AF_INET, NLM_F_ACK, NLM_F_REPLACE } from '../../src/netlink/constants.ts';
import { setNeighbourParameters } from '../../src/netlink/neightbl.ts';
import { recording, saysTheSame } from './recording.ts';

const test = suite('netlink/neightbl');

test('asks for what neightbl-set asks for, of IPv4 alone and without a flag that means nothing here', () => {
  const request = setNeighbourParameters({ index: 3, baseReachableTime: 300_000, proxyDelay: 0 });
  saysTheSame(request, 'neightbl-set', { family: AF_INET }, NLM_F_ACK | NLM_F_REPLACE);
});

for (const recorded of ['c-neightbl-set-little', 'c-neightbl-set-big']) {
  test(`asks for what ${recorded} asks for`, () => {
    saysTheSame(setNeighbourParameters({ index: 258, baseReachableTime: 300_000, proxyDelay: 5e9 }), recorded);
  });
}

test('what is not given stays as it is', () => {
  const { parms } = setNeighbourParameters({ index: 3, proxyDelay: 0 }).body as { parms: object };
  assert.equal(parms, { index: 3, proxyDelay: 0 });
});

test('a table tells its own parameters, which are those of no link, and then those of its links', () => {
  const { messages } = recording('neightbl-dump');
  assert.equal(
    messages.map(({ body }) => body.parms),
    [
      { index: 0, baseReachableTime: 30_000, proxyDelay: 800 },
      { index: 3, baseReachableTime: 300_000, proxyDelay: 0 },
      { index: 2, baseReachableTime: 30_000, proxyDelay: 800 },
      { index: 1, baseReachableTime: 30_000, proxyDelay: 800 },
    ],
  );
});

test.run();
