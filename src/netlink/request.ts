import type { Output } from './wire.ts';

/** A change or a question for the kernel: what `type` says, with `body`. `attempted` names it in an error. */
export interface Request {
  readonly attempted: string;
  /** RTM_NEWLINK … */
  readonly type: number;
  /** NLM_F_CREATE … ; NLM_F_REQUEST and what the way of sending wants (NLM_F_ACK, NLM_F_DUMP) are added when it is sent. */
  readonly flags: number;
  /** How `body` is written. */
  readonly shape: { encode(output: Output, body: object): void };
  readonly body: object;
}

export function question(attempted: string, type: number, shape: Request['shape'], body: object): Request {
  return { attempted, type, flags: 0, shape, body };
}
