import { body, struct, table, type ValueOf } from './attrs.ts';
import * as c from './constants.ts';
import type { Request } from './request.ts';
import { ip, padding, s32, text, u8, u16, u32 } from './scalars.ts';

/** struct fib_rule_hdr. Its eight bits of table are left to FRA_TABLE. `action` is FR_ACT_*, `flags` FIB_RULE_*. */
const fibRuleHdr = struct({
  family: u8,
  dstLen: u8,
  srcLen: u8,
  tos: u8,
  _table: padding(1),
  _reserved: padding(2),
  action: u8,
  flags: u32,
});

/** struct fib_rule_port_range, both ends included. */
const portRange = struct({ start: u16, end: u16 });

export const rule = body(
  fibRuleHdr,
  table({
    src: [c.FRA_SRC, ip],
    dst: [c.FRA_DST, ip],
    iifname: [c.FRA_IIFNAME, text],
    oifname: [c.FRA_OIFNAME, text],
    priority: [c.FRA_PRIORITY, u32, 0],
    fwmark: [c.FRA_FWMARK, u32, 0],
    fwmask: [c.FRA_FWMASK, u32, 0],
    suppressPrefixlen: [c.FRA_SUPPRESS_PREFIXLEN, s32, -1],
    table: [c.FRA_TABLE, u32, 0],
    protocol: [c.FRA_PROTOCOL, u8, 0],
    ipProto: [c.FRA_IP_PROTO, u8],
    sportRange: [c.FRA_SPORT_RANGE, portRange],
    dportRange: [c.FRA_DPORT_RANGE, portRange],
  }),
);

/** A policy rule: what it matches, and the `table` that is then looked in. `protocol` says who made it. */
export type Rule = ValueOf<typeof rule>;
type RuleChange = Partial<Rule> & { priority: number };

/** EEXIST when an equal one is there. */
export function addRule(rule: RuleChange): Request {
  return request(c.RTM_NEWRULE, c.NLM_F_CREATE | c.NLM_F_EXCL, 'add', { action: c.FR_ACT_TO_TBL, ...rule });
}

/** The first rule that has all that is given. */
export function deleteRule(rule: RuleChange): Request {
  return request(c.RTM_DELRULE, 0, 'delete', rule);
}

function request(type: number, flags: number, verb: string, change: RuleChange): Request {
  const family = (change.src ?? change.dst ?? '').includes(':') ? c.AF_INET6 : c.AF_INET;
  const attempted = `${verb} rule ${change.priority}${change.src ? ` from ${change.src}` : ''}`;
  return { attempted, type, flags, shape: rule, body: { family, ...change } };
}
