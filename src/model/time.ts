/** RouterOS's durations: `1w2d`, `1h30m`, `00:05:00`, `1d02:00:00`, bare seconds. In whole seconds. */

const UNITS: readonly (readonly [letter: string, seconds: number])[] = [
  ['w', 604800],
  ['d', 86400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
];

/** Undefined when the text is no duration or not one of whole seconds. */
export function parseTime(text: string): number | undefined {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  const clock = /^(?:(\d{1,5})w)?(?:(\d{1,5})d)?(\d{1,4}):([0-5]?\d)(?::([0-5]?\d))?$/.exec(text);
  const units = /^(?=\d)(?:(\d{1,5})w)?(?:(\d{1,6})d)?(?:(\d{1,8})h)?(?:(\d{1,9})m)?(?:(\d{1,10})s)?$/.exec(text);
  const groups = (clock ?? units)?.slice(1);
  return groups?.reduce((sum, count, i) => sum + Number(count ?? 0) * UNITS[i]![1], 0);
}

/** `5m`, `1h30m`, `0s`. */
export function printTime(seconds: number): string {
  let text = '';
  let rest = Math.max(0, Math.floor(seconds));
  for (const [letter, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${letter}`;
    rest %= size;
  }
  return text || '0s';
}
