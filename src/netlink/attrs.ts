import { malformed } from './error.ts';
import type { Type } from './scalars.ts';
import { align, type Input, type Output } from './wire.ts';

// include/uapi/linux/netlink.h
const NLA_HDRLEN = 4;
const NLA_TYPE_MASK = 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER

/** What a type decodes to. */
export type ValueOf<T> = T extends { decode(...where: never[]): infer V } ? V : never;
type Fields = Readonly<Record<string, Type<unknown>>>;

/** Fields whose name starts with `_` are padding and no part of the value. */
export type StructValue<F extends Fields> = { [K in keyof F as K extends `_${string}` ? never : K]: ValueOf<F[K]> };

/** A C struct: its fields in their order, padding written out. Fields not given are written as zero. */
export function struct<F extends Fields>(fields: F): Type<StructValue<F>> {
  const list = Object.entries(fields);
  const read: { name: string; type: Type<unknown>; offset: number }[] = [];
  let size = 0;
  for (const [name, type] of list) {
    if (!name.startsWith('_')) read.push({ name, type, offset: size });
    size += type.size;
  }
  return {
    size,
    decode(input, at) {
      const value: Record<string, unknown> = {};
      for (const { name, type, offset } of read) value[name] = type.decode(input, at + offset, at + offset + type.size);
      return value as StructValue<F>;
    },
    encode(output, value) {
      for (const [name, type] of list) type.encode(output, (value as Record<string, unknown>)[name] ?? 0);
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
  readonly rows: R;
  encode(output: Output, value: Partial<TableValue<R>>): void;
}

/**
 * A run of attributes, of a message or nested in one: `table({ mtu: [IFLA_MTU, u32] })`. Encode, decode and the
 * TypeScript type come from the rows. Unknown attributes are skipped; of one that comes twice the last counts.
 */
export function table<const R extends Rows>(rows: R): Table<R> {
  const list = Object.entries<Row>(rows).map(([name, [number, type]]) => ({ name, number, type }));
  const byNumber = new Map(list.map((place) => [place.number, place]));
  const absent = Object.fromEntries(
    list.flatMap(({ name }) => (rows[name]!.length === 3 ? [[name, rows[name]![2]]] : [])),
  );
  return {
    rows,
    size: 0,
    decode(input, at, end) {
      const value: Record<string, unknown> = { ...absent };
      eachAttribute(input, at, end, (number, from, to) => {
        const place = byNumber.get(number);
        if (place) decodeOne(input, from, to, value, place.name, place.type);
      });
      return value as TableValue<R>;
    },
    encode(output, value) {
      for (const { name, number, type } of list) {
        const given = (value as Record<string, unknown>)[name];
        if (given === undefined) continue;
        if (!type.repeated) encodeAttribute(output, number, type, given);
        else for (const one of given as unknown[]) encodeAttribute(output, number, type, one);
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
    decode: (input, at, end) =>
      Object.assign(header.decode(input, at, end), attributes.decode(input, at + align(header.size), end)),
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

/** Walks `struct nlattr`s: calls `visit` with the number and the payload of each. */
export function eachAttribute(
  input: Input,
  at: number,
  end: number,
  visit: (number: number, from: number, to: number) => void,
): void {
  while (at < end) {
    // The busiest loop of all (fifty attributes a link, a thousand links), so `need` is called only to throw.
    if (end - at < NLA_HDRLEN) input.need(NLA_HDRLEN, at, end, 'attribute header');
    const length = input.u16(at);
    if (length < NLA_HDRLEN) throw malformed(`attribute of length ${length}`, at);
    if (end - at < length) {
      // qemu-user leaves a last attribute without payload in the other byte order. There is nothing in it to miss.
      if (end - at === NLA_HDRLEN && length === NLA_HDRLEN << 8) return;
      input.need(length, at, end, 'attribute');
    }
    visit(input.u16(at + 2) & NLA_TYPE_MASK, at + NLA_HDRLEN, at + length);
    at += align(length);
  }
}

export function encodeAttribute<T>(output: Output, number: number, type: Type<T>, value: T): void {
  const at = output.take(NLA_HDRLEN);
  type.encode(output, value);
  output.view.setUint16(at, output.length - at, output.little);
  output.view.setUint16(at + 2, number, output.little);
  output.align();
}

function decodeOne(
  input: Input,
  at: number,
  end: number,
  value: Record<string, unknown>,
  name: string,
  type: Type<unknown>,
): void {
  if (end - at < type.size) input.need(type.size, at, end, name);
  const one = type.decode(input, at, end);
  if (!type.repeated) value[name] = one;
  else if (value[name] === undefined) value[name] = [one];
  else (value[name] as unknown[]).push(one);
}
