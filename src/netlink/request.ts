/** A change asked of the kernel: what rtnetlink's `type` says, done to `body`. `attempted` names it in an error. */
export interface Request {
  readonly attempted: string;
  /** RTM_NEWLINK … */
  readonly type: number;
  /** NLM_F_CREATE … ; NLM_F_REQUEST and NLM_F_ACK are added when it is sent. */
  readonly flags: number;
  /** What the tables of link.ts, addr.ts, route.ts or rule.ts encode for this type. */
  readonly body: object;
}
