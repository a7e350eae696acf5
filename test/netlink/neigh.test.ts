import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AF_INET, NLM_F_DUMP, NTF_PROXY, NUD_PERMANENT, NUD_STALE } from '../../src/netlink/constants.ts';
import { deleteNeighbour, getNeighbours, setNeighbour } from '../../src/netlink/neigh.ts';
import type { Request } from '../../src/netlink/request.ts';
import { recording, saysTheSame } from './recording.ts';

const test = suite('netlink/neigh');

const lladdr = '02:00:00:00:00:09';
const ours = { index: 4, dst: '192.0.2.9', lladdr, protocol: 109 };
const proxy = { index: 4, dst: '192.0.2.77', protocol: 109, flags: NTF_PROXY };
const c = setNeighbour({ ...ours, index: 258 });

const requests: [recorded: string, request: Request][] = [
  ['neigh-replace', setNeighbour(ours)],
  ['neigh-replace-ipv6', setNeighbour({ index: 4, dst: '2001:DB8::9', lladdr })],
  ['neigh-replace-proxy', setNeighbour(proxy)],
  ['c-neigh-set-little', c],
  ['c-neigh-set-big', c],
];

for (const [recorded, request] of requests) {
  test(`asks for what ${recorded} asks for`, () => saysTheSame(request, recorded));
}

// ip also says NUD_PERMANENT, which the kernel does not look at here.
const deletes: [recorded: string, request: Request][] = [
  ['neigh-delete', deleteNeighbour({ ...ours, state: NUD_STALE })],
  ['neigh-delete-proxy', deleteNeighbour(proxy)],
];

for (const [recorded, request] of deletes) {
  test(`asks for what ${recorded} asks for`, () => saysTheSame(request, recorded, { state: 0 }));
}

const questions: [recorded: string, request: Request][] = [
  ['neigh-dump-request-proxy', getNeighbours({ index: 4, proxy: true })],
  ['c-neigh-dump-request-big', getNeighbours({ family: AF_INET, index: 258, proxy: true })],
];

for (const [recorded, request] of questions) {
  test(`asks what ${recorded} asks`, () => saysTheSame(request, recorded, {}, NLM_F_DUMP));
}

test('a neighbour is permanent unless its state is given', () => {
  assert.is((setNeighbour(ours).body as { state: number }).state, NUD_PERMANENT);
  assert.is((setNeighbour({ ...ours, state: NUD_STALE }).body as { state: number }).state, NUD_STALE);
});

test('one that nobody has answered for has no lladdr', () => {
  const unresolved = recording('neighbours-dump').messages.find(({ body }) => body.dst === '192.0.2.11');
  assert.equal([unresolved?.body.state, unresolved?.body.lladdr], [1, undefined]);
});

test('names the neighbour in what is attempted', () => {
  assert.is(setNeighbour(ours).attempted, 'set neighbour 192.0.2.9 on 4');
  assert.is(deleteNeighbour(proxy).attempted, 'delete proxy neighbour 192.0.2.77 on 4');
});

test.run();
