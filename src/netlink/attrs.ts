import { malformed } from './error.ts';
import type { Type } from './scalars.ts';
import { align, type Input, type Output } from './wire.ts';

// include/uapi/linux/netlink.h
const NLA_HDRLEN = 4;
const NLA_TYPE_MASK = 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER

// What is read and written a thousand times a pass has index loops: QuickJS takes them faster than for…of.

/** What a type decodes to. */
export type ValueOf<T> = T extends { decode(...where: never[]): infer V } ? V : never;
type Fields = Readonly<Record<string, Type<unknown>>>;
type Value = Record<string, unknown>;

/** Fields whose name starts with `_` are padding and no part of the value. */
export type StructValue<F extends Fields> = { [K in keyof F as K extends `_${string}` ? never : K]: ValueOf<F[K]> };

/** A C struct: its fields in their order, padding written out. Fields not given are written as zero. */
export function struct<F extends Fields>(fields: F): Type<StructValue<F>> {
  let size = 0;
  const list = Object.entries(fields).map(([name, type]) => {
    const offset = size;
    size += type.size;
    return { ...type, name, offset, end: size };
  });
  const told = list.filter(({ name }) => !name.startsWith('_'));
  return {
    size,
    decode(input, at) {
      const value: Value = {};
      for (let i = 0; i < told.length; i++) {
        const field = told[i]!;
        value[field.name] = field.decode(input, at + field.offset, at + field.end);
      }
      return value as StructValue<F>;
    },
    encode(output, value) {
      for (let i = 0; i < list.length; i++) {
        const field = list[i]!;
        const given = (value as Value)[field.name];
        // What was taken and not written is zero.
        if (given) field.encode(output, given);
        else output.take(field.size);
      }
    },
  };
}

/** The attribute's number, how its value lies there, and what its absence means (without it: undefined). */
export type Row =
  | readonly [number: number, type: Type<unknown>]
  | readonly [number: number, type: Type<unknown>, absent: unknown];
export type Rows = Readonly<Record<string, Row>>;

/** What a table decodes to. */
export type TableValue<R extends Rows> = {
  -readonly [K in keyof R as R[K] extends { length: 3 } ? K : never]: ValueOf<R[K][1]>;
} & { -readonly [K in keyof R as R[K] extends { length: 3 } ? never : K]?: ValueOf<R[K][1]> };

export interface Table<R extends Rows> extends Type<TableValue<R>> {
  encode(output: Output, value: Partial<TableValue<R>>): void;
  /** Reads into an object that is there already; attributes that have no row are shown to `unknown`. */
  read(input: Input, at: number, end: number, value: object, unknown?: Visit): void;
}

/** A row with its name, as flat as can be: each step on the way to it costs. */
type Place = Type<unknown> & { name: string; number: number };
type Visit = (number: number, from: number, to: number) => void;

/**
 * A run of attributes, of a message or nested in one: `table({ mtu: [IFLA_MTU, u32] })`. Encode, decode and the
 * TypeScript type come from the rows. Unknown attributes are skipped; of one that comes twice the last counts.
 */
export function table<const R extends Rows>(rows: R): Table<R> {
  const list: Place[] = Object.entries<Row>(rows).map(([name, [number, type]]) => ({ ...type, name, number }));
  const absent = Object.entries<Row>(rows).flatMap(([name, row]) =>
    row.length === 3 ? [{ name, value: row[2] }] : [],
  );
  const highest = Math.max(...list.map(({ number }) => number));
  const places = Array.from({ length: highest + 1 }, (_, number) => list.find((place) => place.number === number));

  function read(input: Input, at: number, end: number, into: object, unknown?: Visit): void {
    const value = into as Value;
    for (let i = 0; i < absent.length; i++) value[absent[i]!.name] = absent[i]!.value;
    const { words, little } = input;
    // The busiest loop of all: fifty attributes a link, a thousand links. One word is the whole header.
    while (at < end) {
      const header = words[at >> 2]!;
      const length = little ? header & 0xffff : header >>> 16;
      if (length < NLA_HDRLEN || length > end - at) {
        refuse(input, at, end, length);
        return;
      }
      const number = (little ? header >>> 16 : header) & NLA_TYPE_MASK;
      const place = places[number];
      if (place) readOne(input, at + NLA_HDRLEN, at + length, value, place);
      else if (unknown) unknown(number, at + NLA_HDRLEN, at + length);
      at += (length + 3) & ~3;
    }
  }

  return {
    size: 0,
    read,
    decode(input, at, end) {
      const value = {};
      read(input, at, end, value);
      return value as TableValue<R>;
    },
    encode(output, value) {
      for (let i = 0; i < list.length; i++) {
        const place = list[i]!;
        const given = (value as Value)[place.name];
        if (given === undefined) continue;
        if (!place.repeated) encodeAttribute(output, place.number, place, given);
        else for (const one of given as unknown[]) encodeAttribute(output, place.number, place, one);
      }
    },
  };
}

/** An attribute that may come several times, each one an element. */
export function many<T>(type: Type<T>): Type<T[]> {
  return { ...type, repeated: true } as unknown as Type<T[]>;
}

/** A message after its nlmsghdr: a struct and the attributes behind it, read as one flat object. */
export function body<H extends object, R extends Rows>(header: Type<H>, attributes: Table<R>): Body<H, R> {
  return {
    header,
    attributes,
    size: header.size,
    decode(input, at, end) {
      const value = header.decode(input, at, end);
      attributes.read(input, at + align(header.size), end, value);
      return value as H & TableValue<R>;
    },
    encode(output, value) {
      header.encode(output, value as H);
      output.align();
      attributes.encode(output, value);
    },
  };
}

export interface Body<H extends object, R extends Rows> extends Type<H & TableValue<R>> {
  readonly header: Type<H>;
  readonly attributes: Table<R>;
  encode(output: Output, value: Partial<H & TableValue<R>>): void;
}

export function encodeAttribute<T>(output: Output, number: number, type: Type<T>, value: T): void {
  const at = output.take(NLA_HDRLEN);
  type.encode(output, value);
  const length = output.length - at;
  output.view.setUint32(at, output.little ? length | (number << 16) : (length << 16) | number, output.little);
  output.align();
}

function readOne(input: Input, at: number, end: number, value: Value, place: Place): void {
  const { name } = place;
  if (end - at < place.size) input.need(place.size, at, end, name);
  const one = place.decode(input, at, end);
  if (!place.repeated) value[name] = one;
  else if (value[name] === undefined) value[name] = [one];
  else (value[name] as unknown[]).push(one);
}

/** Says what is wrong with the attribute at `at`. */
function refuse(input: Input, at: number, end: number, length: number): void {
  input.need(NLA_HDRLEN, at, end, 'attribute header');
  if (length < NLA_HDRLEN) throw malformed(`attribute of length ${length}`, at);
  // qemu-user leaves a last attribute without payload in the other byte order. There is nothing in it to miss.
  if (end - at === NLA_HDRLEN && length === NLA_HDRLEN << 8) return;
  input.need(length, at, end, 'attribute');
}
