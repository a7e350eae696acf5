import { body, struct, table, type ValueOf } from './attrs.ts';
import * as c from './constants.ts';
import { stats64 } from './link.ts';
import { question, type Request } from './request.ts';
import { padding, u8, u32 } from './scalars.ts';

/** struct if_stats_msg: the header of RTM_NEWSTATS, in which the kernel tells nothing but what `filterMask` asks for. */
const ifStatsMsg = struct({ family: u8, _pad: padding(3), index: u32, filterMask: u32 });

export const stats = body(ifStatsMsg, table({ stats64: [c.IFLA_STATS_LINK_64, stats64] }));

/** The counters of a link: packets, bytes, and frames that were lost by reason. */
export type Counters = ValueOf<typeof stats64>;

/** The question for the counters of one link. ENODEV when there is none. */
export function getStats(index: number): Request {
  // include/uapi/linux/if_link.h, IFLA_STATS_FILTER_BIT
  const filterMask = 1 << (c.IFLA_STATS_LINK_64 - 1);
  return question(`read the counters of ${index}`, c.RTM_GETSTATS, stats, { index, filterMask });
}
