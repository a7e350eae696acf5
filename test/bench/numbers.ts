/** The middle of some numbers; between two, their mean. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.floor(half)]! + sorted[Math.ceil(half) - 1]!) / 2;
}

/** Numbers of one round, by their names. */
export type Round = Record<string, number>;

/** Each name's median over the rounds. */
export function medians(rounds: readonly Round[]): Round {
  return Object.fromEntries(Object.keys(rounds[0]!).map((name) => [name, median(rounds.map((round) => round[name]!))]));
}

export function print(text = ''): void {
  process.stdout.write(`${text}\n`);
}

export function heading(text: string): void {
  print(`\n${text}`);
}

/** `label  cells…` in columns that stand under each other in the whole report. */
export function row(label: string, ...cells: string[]): void {
  print(`  ${label.padEnd(44)}${cells.map((cell) => `  ${cell.padStart(10)}`).join('')}`.trimEnd());
}

export function ms(time: number): string {
  return `${time.toFixed(time < 10 ? 2 : 1)} ms`;
}

export function kB(size: number): string {
  return `${(size / 1000).toFixed(1)} kB`;
}

export function times(ratio: number): string {
  return `${ratio.toFixed(2)} x`;
}

/** What is said beside a number that has a limit. */
export function within(value: number, budget: number, text: string): string {
  return `${value <= budget ? 'within' : 'OVER'} ${text}`;
}
