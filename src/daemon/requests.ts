import type { Seen } from '../model/seen.ts';
import { loaded } from './loaded.ts';

/** How long a pass may be deaf to everything else, in ms. */
const LONGEST_BLOCK = 100;

type Answer = Record<string, string>;
type Run = (seen: Seen) => Answer;

/** A change that somebody waits for: made at the start of a pass, answered at its end. */
interface Request {
  readonly run: Run;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** What was asked for, in its order. */
export class Requests {
  readonly #waiting: Request[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  ask(run: Run): Promise<Answer> {
    return new Promise((resolve, reject) => this.#waiting.push({ run, resolve, reject }));
  }

  /**
   * Do what was asked for, each against what the ones before left; the answers are to be given when it is applied. Those that
   * are left wait for the next pass, so that the first hear of theirs.
   */
  async answer(seen: Seen, now: () => number): Promise<(() => void)[]> {
    const answers: (() => void)[] = [];
    const until = now() + LONGEST_BLOCK;
    while (!this.isEmpty && now() < until) answers.push(await answerOf(this.#waiting.shift()!, seen));
    return answers;
  }
}

async function answerOf({ run, resolve, reject }: Request, seen: Seen): Promise<() => void> {
  try {
    const answer = await loaded(() => run(seen));
    return () => resolve(answer);
  } catch (error) {
    return () => reject(error);
  }
}
