import { fnv1a } from '../bytes/fnv.ts';
import { OUR_TABLE, type Want } from '../model/want.ts';
import type { Context } from './context.ts';
import type { Op } from './op.ts';

/** nft's name of our table. */
const TABLE = `table arp ${OUR_TABLE}`;

/**
 * The nftables table of links that answer known pairs only: a whole transaction for nft(8). The table bears a digest of
 * what it holds, by which it is known; somebody who flushes all rules takes it along, and it is set again.
 */
export function planRuleset(context: Context): Op[] {
  const { ruleset } = context.world.seen;
  const body = replyOnlyBody(context.want);
  const digest = body === '' ? undefined : fnv1a(body).toString(16);
  if (digest === ruleset) return [];
  // A table that is not there cannot be deleted, so it is made first.
  const fresh = `${TABLE}\ndelete ${TABLE}\n`;
  const text = digest === undefined ? fresh : `${fresh}${TABLE} {\n\tcomment "${digest}"\n${body}}\n`;
  return context.due([{ op: 'setRuleset', owner: '', name: OUR_TABLE, text }]);
}

/**
 * Requests of pairs that are not known are dropped, so nobody is learned from them; so are replies, and our own requests
 * never leave. Names of our links have nothing in them that nft would read otherwise (ifnameFault).
 */
function replyOnlyBody({ replyOnly, neighbours }: Want): string {
  if (replyOnly.length === 0) return '';
  const names = [...replyOnly].sort().map((ifname) => `"${ifname}"`);
  const pairs = neighbours
    .filter(({ ifname, mac }) => mac !== undefined && replyOnly.includes(ifname))
    .map(({ ifname, address, mac }) => `"${ifname}" . ${address} . ${mac!.toLowerCase()}`);
  return [
    set('links', 'ifname', names),
    set('pairs', 'ifname . ipv4_addr . ether_addr', pairs.sort()),
    chain('input', [
      'iifname @links arp operation reply drop',
      'iifname @links arp operation request iifname . arp saddr ip . arp saddr ether != @pairs drop',
    ]),
    chain('output', ['oifname @links arp operation request drop']),
  ].join('');
}

function set(name: string, type: string, elements: readonly string[]): string {
  const list = elements.length > 0 ? `elements = { ${elements.join(', ')} } ` : '';
  return `\tset ${name} { type ${type}; ${list}}\n`;
}

function chain(hook: string, rules: readonly string[]): string {
  const lines = [`type filter hook ${hook} priority 0; policy accept;`, ...rules];
  return `\tchain ${hook} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`;
}
