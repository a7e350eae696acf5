import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Run } from '../../src/model/facts.ts';
import { type Respawn, startableAt } from '../../src/model/respawn.ts';

const respawn = suite('respawn');

const RULE: Respawn = { threshold: 60, timeout: 5, retry: 0 };

function run(failures: number, jitter = 0.5): Run {
  return { startedAt: 0, failures, endedAt: 100_000, lastExit: 'exit status 1', jitter };
}

respawn('who never failed may start at once', () => {
  assert.is(startableAt(undefined, RULE), 0);
  assert.is(startableAt(run(0), RULE), 0);
});

respawn('the time-out doubles with each failure, up to five minutes', () => {
  const rows: [number, number][] = [
    [1, 5],
    [2, 10],
    [3, 20],
    [6, 160],
    [7, 300],
    [50, 300],
    [5000, 300],
  ];
  for (const [failures, seconds] of rows) assert.is(startableAt(run(failures), RULE), 100_000 + seconds * 1000);
});

respawn('a time-out over five minutes stays as it is', () => {
  for (const failures of [1, 2, 9]) {
    assert.is(startableAt(run(failures), { ...RULE, timeout: 3600 }), 100_000 + 3_600_000);
  }
});

respawn('it is drawn from a quarter less to a quarter more', () => {
  assert.is(startableAt(run(2, 0), RULE), 107_500);
  assert.is(startableAt(run(2, 1), RULE), 112_500);
});

respawn('more failures than retry are given up, and 0 never gives up', () => {
  const rule = { ...RULE, retry: 3 };
  assert.is(startableAt(run(3), rule), 120_000);
  assert.is(startableAt(run(4), rule), Number.POSITIVE_INFINITY);
  assert.ok(Number.isFinite(startableAt(run(1000), RULE)));
});

respawn.run();
