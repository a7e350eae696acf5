import { body, struct, table } from './attrs.ts';
import * as c from './constants.ts';
import { question, type Request } from './request.ts';
import { padding, text, u8, u32, u64 } from './scalars.ts';

/** struct ndtmsg. */
const ndtmsg = struct({ family: u8, _pad: padding(3) });

/** The kernel tells a table, then the parameters of its links one by one; NDTPA_IFINDEX is missing in the table's own. */
export const neighbourTable = body(
  ndtmsg,
  table({
    name: [c.NDTA_NAME, text, ''],
    parms: [
      c.NDTA_PARMS,
      table({
        index: [c.NDTPA_IFINDEX, u32, 0],
        baseReachableTime: [c.NDTPA_BASE_REACHABLE_TIME, u64, 0],
        proxyDelay: [c.NDTPA_PROXY_DELAY, u64, 0],
      }),
    ],
  }),
);

/**
 * How ARP works on the link `index`, or by default on new links, index 0. Milliseconds both: `baseReachableTime` is about
 * how long an entry counts as confirmed, `proxyDelay` how long at most a proxied answer waits.
 */
export interface NeighbourParameters {
  index: number;
  baseReachableTime: number;
  proxyDelay: number;
}

// net/ipv4/arp.c
const ARP_TABLE = 'arp_cache';

/** Changes what is given. The defaults, index 0, can be changed in the first namespace only: else ENOENT. */
export function setNeighbourParameters(parms: Partial<NeighbourParameters> & { index: number }): Request {
  const attempted = `set ARP parameters of ${parms.index}`;
  const body = { family: c.AF_INET, name: ARP_TABLE, parms };
  return { attempted, type: c.RTM_SETNEIGHTBL, flags: 0, shape: neighbourTable, body };
}

export function getNeighbourTables(): Request {
  return question('list ARP parameters', c.RTM_GETNEIGHTBL, neighbourTable, { family: c.AF_INET });
}
