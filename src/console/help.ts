import type { Candidate } from './complete.ts';

/** What the words of the language mean, for `?` and F1. */
export const COMMANDS: Readonly<Record<string, string>> = {
  add: 'make an item',
  set: 'change items',
  remove: 'remove items',
  enable: 'enable items',
  disable: 'disable items',
  comment: 'set the comment of items',
  reset: 'set properties of items back to their defaults',
  unset: 'set properties of items back to their defaults',
  get: "one item's value, for scripts",
  print: 'show items',
  find: 'the ids of the items that a condition is true of',
  monitor: 'watch the state of items',
  'monitor-traffic': 'watch packets and bits per second',
  export: 'the configuration as a script',
  import: 'do a script, all of it or nothing',
  quit: 'leave the console',
  status: 'all lines on one screen',
  ':do': 'a block, and what to do when it fails',
  ':error': 'fail with a text',
  ':for': 'a block for each number',
  ':foreach': 'a block for each item or value',
  ':global': 'make a variable',
  ':if': 'a block when a condition is true',
  ':local': 'make a variable',
  ':put': 'show a value',
  ':set': 'change a variable',
  'numbers=': 'the items',
  'copy-from=': 'an item whose values are taken where none is given',
  'proplist=': 'the properties to show',
  'interval=': 'time between two looks',
  'duration=': 'how long to look',
  'file=': 'write into a file instead',
  'file-name=': 'the script',
  'from=': 'the items',
  'verbose=': 'yes: line by line, up to the first that is refused',
  'value-name=': 'the property',
  where: 'a condition on the items',
  follow: 'show changes as they come',
  once: 'look once',
  stats: 'counters',
  'show-ids': 'ids in place of numbers',
  'dry-run': 'only say what would be done',
  compact: 'only what is not as by default',
  verbose: 'every property',
  terse: 'one line an item',
  'show-sensitive': 'passwords too',
  'netifd=': 'a line, written as /etc/config/network, for netifd alone',
};

/** Methods of single menus. */
export const METHODS: Readonly<Record<string, string>> = {
  renew: 'ask the server for the same lease again',
  release: 'give the lease back and ask for a new one',
  diagnose: 'find out why something does not work',
  'reset-counters': 'count anew from 0',
  plan: 'what would be done now',
  scan: 'look for servers',
  leases: 'what has been handed out',
};

/** Candidates with their meaning, a line each, cut to the width. */
export function helpText(candidates: readonly Candidate[], hint: string, width: number): string {
  const wide = Math.max(0, ...candidates.map(({ word }) => word.length));
  const lines = candidates.map(({ word, help }) => `  ${word.padEnd(wide)}  ${help}`.trimEnd());
  return [...(hint === '' ? [] : [hint]), ...lines].map((line) => `${line.slice(0, width)}\n`).join('');
}

/** Candidates side by side. */
export function columnsText(words: readonly string[], width: number): string {
  const wide = Math.max(0, ...words.map((word) => word.length)) + 2;
  const perLine = Math.max(1, Math.floor(width / wide));
  let text = '';
  for (let at = 0; at < words.length; at += perLine) {
    const row = words.slice(at, at + perLine).map((word) => word.padEnd(wide));
    text += `${row.join('').trimEnd()}\n`;
  }
  return text;
}
