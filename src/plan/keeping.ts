import { MARK_MASK } from '../model/want.ts';
import type { Context } from './context.ts';
import type { Lane } from './lanes.ts';
import { chain, isPlain, quoted, set } from './nft.ts';

/**
 * What comes in by a line goes back by it also when a host behind us answers: its connection bears the line's mark, and so
 * do the packets of it that come from elsewhere, for which there is a rule (see rules.ts). A connection that goes out by
 * a line stays on it likewise, whatever becomes of the default route. Besides, isolated links do not reach each other.
 */
export function keepingBody(context: Context): string {
  const lanes = context.lanes.marked;
  return [lanes.length > 0 ? marks(lanes, context) : '', isolation(context)].join('');
}

const OURS = `0x${MARK_MASK.toString(16)}`;
const OTHERS = `0x${(~MARK_MASK >>> 0).toString(16).padStart(8, '0')}`;

function marks(lanes: readonly Lane[], context: Context): string {
  const firsts = firstOfEach(lanes);
  const { ins, outs } = secondLanes(lanes, firsts, context);
  const unmarked = `ct state new ct mark & ${OURS} == 0`;
  const back = `ct mark & ${OURS} ${vmap(lanes.map(({ mark }) => [hex(mark), `goto back_${hex(mark)}`]))}`;
  return [
    ...lanes.flatMap(({ mark }) => [
      chain(`keep_${hex(mark)}`, '', [`ct mark set ct mark & ${OTHERS} | ${hex(mark)}`]),
      chain(`back_${hex(mark)}`, '', [`meta mark set meta mark & ${OTHERS} | ${hex(mark)}`]),
    ]),
    set(
      'lines',
      'ifname',
      firsts.map(({ ifname }) => quoted(ifname)),
    ),
    chain('prerouting', 'filter hook prerouting priority mangle', [
      ...ins.map((map) => `${unmarked} iifname . ip daddr ${map}`),
      `${unmarked} iifname ${keep(firsts)}`,
      `iifname != @lines ${back}`,
    ]),
    // An error about a packet of the connection (path MTU) goes to its sender, which may be a host behind us.
    chain('output', 'route hook output priority mangle', [`ct state != related ${back}`]),
    chain('postrouting', 'filter hook postrouting priority mangle', [
      ...outs.map((map) => `${unmarked} oifname . rt ip nexthop ${map}`),
      `${unmarked} oifname ${keep(firsts)}`,
    ]),
  ].join('');
}

function firstOfEach(lanes: readonly Lane[]): Lane[] {
  const links = new Map<string, Lane>();
  for (const lane of lanes) if (!links.has(lane.ifname)) links.set(lane.ifname, lane);
  return [...links.values()];
}

/** A link with several gateways: by which of its addresses a connection came in, and by which gateway it goes out. */
function secondLanes(lanes: readonly Lane[], firsts: readonly Lane[], { want, lanes: all }: Context) {
  if (lanes.length === firsts.length) return { ins: [], outs: [] };
  const [isMarked, isFirst] = [new Set(lanes), new Set(firsts)];
  const mapOf = (ends: readonly { owner: string; ifname: string; end: string | undefined }[]) => {
    const known = new Set<string>();
    const pairs = ends.flatMap(({ owner, ifname, end }): [string, string][] => {
      const [lane, key] = [all.of(owner, ifname), `"${ifname}" . ${end}`];
      if (!lane || !isMarked.has(lane) || end === undefined || /[/:]/.test(end) || known.has(key)) return [];
      known.add(key);
      return isFirst.has(lane) ? [] : [[key, `goto keep_${hex(lane.mark)}`]];
    });
    return pairs.length > 0 ? [vmap(pairs)] : [];
  };
  const ways = want.routes.filter(({ table, destination }) => table === undefined && destination === '0.0.0.0/0');
  return {
    ins: mapOf(want.sources.map(({ source, ...one }) => ({ ...one, end: source }))),
    outs: mapOf(ways.map(({ gateway, ...one }) => ({ ...one, end: gateway }))),
  };
}

function keep(lanes: readonly Lane[]): string {
  return vmap(lanes.map(({ ifname, mark }) => [quoted(ifname), `goto keep_${hex(mark)}`]));
}

/**
 * Only from one to another: what comes in and goes out by the same link is nobody else's matter. Who is on the wire of an
 * isolated link can send to its port's MAC address too, which the kernel forwards likewise (IPv6 has no rp_filter).
 */
function isolation(context: Context): string {
  const { isolated } = context.want;
  if (isolated.length < 2) return '';
  const names = [...isolated].sort().map(quoted);
  const ports = barePorts(context).sort().map(quoted);
  return [
    set('isolated', 'ifname', names),
    set(
      'same',
      'ifname . ifname',
      names.map((name) => `${name} . ${name}`),
    ),
    set('ports', 'ifname', ports),
    chain('forward', 'filter hook forward priority filter', [
      'iifname . oifname @same accept',
      'iifname @isolated oifname @isolated drop',
      'iifname @ports oifname @isolated ct state new,invalid,untracked drop',
    ]),
  ].join('');
}

/** Ports of isolated links that have no address, so that nobody has a reason to send through them. */
function barePorts({ want, world: { links, seen } }: Context): string[] {
  const isolated = new Set(want.isolated);
  const ports = new Set(want.links.flatMap(({ ifname, parent }) => (isolated.has(ifname) ? [parent] : [])));
  const used = new Set(seen.addresses.map(({ ifindex }) => ifindex));
  return [...ports].filter((port) => isPlain(port) && !used.has(links.byName.get(port)?.ifindex ?? 0));
}

function vmap(pairs: readonly (readonly [key: string, verdict: string])[]): string {
  return `vmap { ${pairs.map(([key, verdict]) => `${key} : ${verdict}`).join(', ')} }`;
}

const hex = (mark: number) => `0x${mark.toString(16).padStart(8, '0')}`;
