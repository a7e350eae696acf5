import { parseIpv4, parseMac, printIpv4, printMac } from '../bytes/ip.ts';
import { ipv6NetworkOf, parseIpv6 } from '../bytes/ipv6.ts';
import { parseTime, printTime } from './time.ts';

/** The types that ubus' method signatures can name. A union (`auto` or a number) is a String. */
export type Policy = 'String' | 'Integer' | 'Boolean' | 'Array';

/** How one kind of value is read and written. `T` is also what ubus' `list` shows. */
export interface ValueType<T> {
  readonly policy: Policy;
  /** What a person may write, for errors and docs: `bridge | private`. */
  readonly expected: string;
  /** Undefined when the text is none of it; a string result of `refuse` is the better sentence for that. */
  parse(text: string): T | undefined;
  refuse?(text: string): string | undefined;
  /** RouterOS's spelling, for the console. */
  print(value: T): string;
  /** UCI's spelling: seconds, 1 and 0; an array is a `list`. */
  store(value: T): string | readonly string[];
}

export function text(expected = 'text'): ValueType<string> {
  // Control characters cannot stand in a UCI value nor in a link's alias. What was no UTF-8 in the file comes as lone
  // surrogates; the kernel would show an alias with U+FFFD in their place, which must compare equal.
  return stringType(expected, (value) => {
    // One look for all that is seldom there.
    if (!/[\x00-\x1f\x7f\ud800-\udfff]/.test(value)) return value;
    return /[\x00-\x1f\x7f]/.test(value) ? undefined : value.replace(/[\ud800-\udfff]/gu, '\ufffd');
  });
}

export const yesNo: ValueType<boolean> = {
  policy: 'Boolean',
  expected: 'yes | no',
  parse: (value) =>
    /^(1|yes|true|on|enabled)$/i.test(value) ? true : /^(0|no|false|off|disabled)$/i.test(value) ? false : undefined,
  print: (value) => (value ? 'yes' : 'no'),
  store: (value) => (value ? '1' : '0'),
};

export function integer(min: number, max: number): ValueType<number> {
  return {
    policy: 'Integer',
    expected: `a whole number from ${min} to ${max}`,
    parse: (value) =>
      /^\d{1,10}$/.test(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined,
    print: String,
    store: String,
  };
}

export function oneOf<const W extends string>(...words: readonly W[]): ValueType<W> {
  const type = stringType(words.join(' | '), (value) => words.find((word) => word === value));
  return type as unknown as ValueType<W>;
}

export type CheckGateway = 'none' | 'arp' | 'ping';

/** How a gateway is asked whether it is there. RouterOS has a fourth way. */
export const checkGateway: ValueType<CheckGateway> = {
  ...oneOf('none', 'arp', 'ping'),
  refuse: (value) => (value === 'bfd' ? 'there is no BFD here; use arp or ping' : undefined),
};

/** One host's address as `printMac` has it, which is how we store them. */
const PRINTED = /^(?!00:00:00:00:00:00)[0-9A-F][02468ACE](?::[0-9A-F]{2}){5}$/;

/** An address that a link can carry: one host's, not a group's, not all zero. */
export const macAddress: ValueType<string> = {
  ...stringType('a MAC address such as 02:00:5E:10:00:01', (value) => {
    if (PRINTED.test(value)) return value;
    const bytes = parseMac(value);
    return bytes && !badMac(bytes) ? printMac(bytes) : undefined;
  }),
  refuse: (value) => {
    const bytes = parseMac(value);
    return bytes && badMac(bytes);
  },
};

function badMac(bytes: Uint8Array): string | undefined {
  if (bytes.every((byte) => byte === 0)) return 'all zero is no address; leave it out to have one generated';
  if (bytes[0]! & 1)
    return `it is a multicast address; the first octet must be even, such as ${printMac(bytes.map((b, i) => (i === 0 ? b & 0xfe : b)))}`;
  return undefined;
}

/** An IPv4 address of one machine. */
export const ipAddress: ValueType<string> = stringType('an IPv4 address such as 192.0.2.1', (value) => {
  const bytes = parseIpv4(value);
  return bytes && bytes[0]! > 0 && bytes[0]! < 224 ? printIpv4(bytes) : undefined;
});

/** An IPv6 prefix; one of a certain length only is `::/60`. */
export const ipv6Prefix: ValueType<string> = stringType('an IPv6 prefix such as ::/60', (value) => {
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(value) ?? [];
  if (!parseIpv6(address) || Number(length) > 128) return undefined;
  return `${ipv6NetworkOf(address, Number(length))}/${Number(length)}`;
});

/**
 * The kernel's name of a link (dev_valid_name, net/core/dev.c), without the dot that sysctl paths cannot hold, without
 * "%": of `m%d` the kernel makes m0, then m1, … (dev_prep_valid_name), and without what nft's names cannot hold.
 */
export const ifname: ValueType<string> = {
  ...stringType('1 to 15 letters, digits and signs, but none of / : . % " * or \\', (value) =>
    ifnameFault(value) ? undefined : value,
  ),
  refuse: ifnameFault,
};

export function ifnameFault(value: string): string | undefined {
  if (value.length > 15) return `it has ${value.length} characters, the kernel takes at most 15`;
  if (value === '') return 'it is empty';
  // Names of settings beside the links' own (sysctl_dev_name_is_allowed, net/ipv4/devinet.c).
  if (value === 'all' || value === 'default') return 'the kernel keeps it for itself';
  const bad = /[^\x21-\x7e]|[/:.%"*\\]/.exec(value)?.[0];
  return bad === undefined ? undefined : `it has ${JSON.stringify(bad)} in it, which a link's name cannot have`;
}

/** A text that only `parse` makes a difference of. */
export function stringType(expected: string, parse: (text: string) => string | undefined): ValueType<string> {
  return { policy: 'String', expected, parse, print: (value) => value, store: (value) => value };
}

/** A duration in whole seconds. */
export function time(min: number, max: number): ValueType<number> {
  return {
    policy: 'Integer',
    expected: `a time from ${printTime(min)} to ${printTime(max)}`,
    parse: (text) => {
      const seconds = parseTime(text);
      return seconds !== undefined && seconds >= min && seconds <= max ? seconds : undefined;
    },
    print: printTime,
    store: String,
  };
}

/** Several of one type, with commas or blanks between them; each stands once. Without any the property is not given. */
export function listOf(type: ValueType<string>): ValueType<readonly string[]> {
  const words = (text: string) => text.split(/[\s,]+/).filter((word) => word !== '');
  return {
    policy: 'Array',
    expected: `a list, each ${type.expected}`,
    parse: (text) => {
      const values = words(text).map((word) => type.parse(word));
      return values.length === 0 || values.includes(undefined) ? undefined : [...new Set(values as string[])];
    },
    refuse: (text) => {
      const bad = words(text).find((word) => type.parse(word) === undefined);
      return bad === undefined ? undefined : `${bad}: ${type.refuse?.(bad) ?? `expected ${type.expected}`}`;
    },
    print: (values) => values.join(','),
    store: (values) => values,
  };
}

/** `auto`, or what the other type takes. */
export function autoOr(type: ValueType<number>): ValueType<number | 'auto'> {
  return {
    policy: 'String',
    expected: `auto | ${type.expected}`,
    parse: (value) => (value === 'auto' ? 'auto' : type.parse(value)),
    print: (value) => (value === 'auto' ? 'auto' : type.print(value)),
    store: String,
  };
}
