import { suite } from 'uvu';
import { getStats } from '../../src/netlink/stats.ts';
import { saysTheSame } from './recording.ts';

const test = suite('netlink/stats');

const questions: [recorded: string, index: number][] = [
  ['stats-request', 3],
  ['c-stats-request-little', 258],
  ['c-stats-request-big', 258],
];

for (const [recorded, index] of questions) {
  test(`asks what ${recorded} asks`, () => saysTheSame(getStats(index), recorded, {}, 0));
}

test.run();
