import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTime, printTime } from '../../src/model/time.ts';

const TIME = suite('model/time');

const ROWS: [text: string, seconds: number][] = [
  ['0', 0],
  ['300', 300],
  ['0s', 0],
  ['5s', 5],
  ['5m', 300],
  ['1h30m', 5400],
  ['1w2d', 777600],
  ['1w2d3h4m5s', 788645],
  ['90m', 5400],
  ['00:05:00', 300],
  ['1:02:03', 3723],
  ['00:30', 1800],
  ['1d02:00:00', 93600],
  ['1w1d00:00:01', 691201],
];
for (const [text, seconds] of ROWS) TIME(`reads ${text}`, () => assert.is(parseTime(text), seconds));

for (const text of [
  '',
  'm',
  '5x',
  '5m1h',
  '5m5m',
  '-5',
  '+5',
  '1.5s',
  '500ms',
  '00:60:00',
  '00:00:60',
  '1:2:3:4',
  ' 5',
  '5 m',
  '1d2',
  '99999999999',
]) {
  TIME(`refuses "${text}"`, () => assert.is(parseTime(text), undefined));
}

const PRINTED: [seconds: number, text: string][] = [
  [0, '0s'],
  [59, '59s'],
  [300, '5m'],
  [584, '9m44s'],
  [5400, '1h30m'],
  [86400, '1d'],
  [777600, '1w2d'],
  [788645, '1w2d3h4m5s'],
  [1.9, '1s'],
  [-1, '0s'],
];
for (const [seconds, text] of PRINTED) TIME(`prints ${seconds} as ${text}`, () => assert.is(printTime(seconds), text));

TIME('reads what it prints', () => {
  for (let seconds = 0; seconds < 2_000_000; seconds += 997) assert.is(parseTime(printTime(seconds)), seconds);
});

TIME.run();
