import { oneOf, stringType, type ValueType, yesNo } from '../../model/types.ts';
import { OUR_TABLES } from '../../model/want.ts';

/** Values that only /ip dhcp-client has. */

const ROUTES = oneOf('yes', 'no', 'special-classless');

/** RouterOS's words; what UCI has for yes and no is understood too. */
export const addDefaultRoute: typeof ROUTES = {
  ...ROUTES,
  parse: (text) => {
    const flag = yesNo.parse(text);
    return flag === undefined ? ROUTES.parse(text) : flag ? 'yes' : 'no';
  },
};

/** What cannot be had, though RouterOS has it. */
export const noReconfigure: ValueType<boolean> = {
  ...yesNo,
  expected: 'no',
  parse: (text) => (yesNo.parse(text) === false ? false : undefined),
  refuse: (text) => (yesNo.parse(text) ? 'udhcpc knows no FORCERENEW; set it to no, and use renew' : undefined),
};

/** Names that have a meaning everywhere; others stand in files that only iproute2 reads. */
const TABLES: Readonly<Record<string, number>> = { default: 253, main: 254 };
const LOCAL = 255;

interface TableDistance {
  readonly table: number;
  /** None: `default_route_distance`. */
  readonly distance?: number | undefined;
}

/** `100:5`, `main`; undefined where it is neither. */
export function readTable(word: string): TableDistance | undefined {
  const match = /^(\w+)(?::(\d{1,3}))?$/.exec(word);
  if (!match) return undefined;
  const table = Object.hasOwn(TABLES, match[1]!) ? TABLES[match[1]!]! : /^\d{1,10}$/.test(match[1]!) ? +match[1]! : 0;
  const distance = match[2] === undefined ? undefined : Number(match[2]);
  if (table < 1 || table === LOCAL || table >= OUR_TABLES || (distance ?? 0) > 255) return undefined;
  return { table, distance };
}

export const routeTable: ValueType<string> = {
  ...stringType('TABLE or TABLE:DISTANCE, such as main:1 or 100:5', (word) => {
    const { table, distance } = readTable(word) ?? {};
    if (table === undefined) return undefined;
    const name = Object.keys(TABLES).find((name) => TABLES[name] === table) ?? table;
    return distance === undefined ? `${name}` : `${name}:${distance}`;
  }),
  refuse: (word) => {
    const table = word.split(':')[0]!;
    if (table === 'local' || Number(table) === LOCAL)
      return "table local is the kernel's own; take main or a number such as 100";
    if (Number(table) >= OUR_TABLES) return `tables from ${OUR_TABLES} on are our own; take a lower number`;
    if (/^[a-z_]/i.test(table) && !Object.hasOwn(TABLES, table))
      return 'of names only main and default are known; give the number of the table, such as 100:5';
    return undefined;
  },
};

/** Hex digits of bytes, two each; undefined where the text is not `0x` and bytes. */
export function hexOf(text: string): string | undefined {
  return /^0x((?:[\da-f]{2}){1,255})$/i.exec(text)?.[1]?.toLowerCase();
}

/** What the protocol itself, or another property, puts into these (RFC 2132). */
const KEPT: Readonly<Record<number, string>> = {
  0: 'it is padding',
  12: 'use host-name',
  50: 'udhcpc sets it',
  52: 'udhcpc sets it',
  53: 'udhcpc sets it',
  54: 'udhcpc sets it',
  55: 'udhcpc sets it',
  57: 'udhcpc sets it',
  61: 'use client-id',
  255: 'it is the end',
};

const NAMED = /^(hostname|clientid|clientid_duid)$/;

/** RouterOS's `hostname`, `clientid` and `clientid_duid`, and any option as it is: `60:0x4D53`, `60:'MSFT'`. */
export const dhcpOption: ValueType<string> = {
  ...stringType("hostname, clientid, clientid_duid, CODE:0xHEX or CODE:'TEXT'", (word) =>
    NAMED.test(word) || (readOption(word) && !optionFault(word)) ? word : undefined,
  ),
  refuse: optionFault,
};

/** Code and value of a raw option. */
export function readOption(word: string): { code: number; value: string } | undefined {
  const match = /^(\d{1,3}):(?:(0x[\da-f]+)|'([\x21-\x26\x28-\x7e]{1,255})')$/i.exec(word);
  if (!match || (match[2] && !hexOf(match[2]))) return undefined;
  return { code: Number(match[1]), value: match[2] ?? match[3]! };
}

function optionFault(word: string): string | undefined {
  if (/^[a-z][\w-]*$/i.test(word))
    return "menu /ip dhcp-client option is not here; give it as CODE:0xHEX or CODE:'TEXT'";
  const code = Number(/^(\d+):/.exec(word)?.[1] ?? -1);
  if (code > 255) return `option ${code} is none; they end at 254`;
  return code in KEPT ? `option ${code} cannot be given here: ${KEPT[code]}` : undefined;
}

/** RFC 1123: letters, digits and hyphens, in labels. */
export const hostName: ValueType<string> = stringType('letters, digits, hyphens and dots, at most 63', (name) =>
  /^(?=.{1,63}$)[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i.test(name) ? name : undefined,
);

/** Bytes as `0x` and hex digits, or a text as it is. */
export const clientId: ValueType<string> = stringType('a text of at most 255 characters, or bytes as 0x0102…', (id) =>
  (/^0x/i.test(id) ? hexOf(id) : /^[\x20-\x7e]{1,255}$/.test(id)) ? id : undefined,
);

export const scriptPath: ValueType<string> = {
  ...stringType('the absolute path of an executable file', (path) =>
    /^\/[^\x00-\x1f\x7f]{1,4000}$/.test(path) ? path : undefined,
  ),
  refuse: (path) =>
    path.startsWith('/') ? undefined : 'only the path of an executable file is run, such as /etc/macvlan/lease.sh',
};
