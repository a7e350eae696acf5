import { encodeUtf8 } from '../../bytes/utf8.ts';
import { stringType, text, time, type ValueType } from '../../model/types.ts';

/** RouterOS's words, in its order. */
export const PROTOCOLS = ['pap', 'chap', 'mschap1', 'mschap2'] as const;

/** pppd's MAXNAMELEN and MAXSECRETLEN, with the NUL behind it (pppd.h). */
const LONGEST = 255;

/** A user or a password: any text that pppd has room for. */
export const credential: ValueType<string> = stringType(`text of at most ${LONGEST} bytes`, (value) => {
  const whole = text().parse(value);
  return whole !== undefined && encodeUtf8(whole).length <= LONGEST ? whole : undefined;
});

/** As pppd wants it: whole bytes. */
export const hostUniq: ValueType<string> = stringType('bytes in hex such as 00c0ffee', (value) => {
  const [, hex] = /^(?:0x)?((?:[\da-f]{2}){1,64})$/i.exec(value) ?? [];
  return hex?.toLowerCase();
});

const period = time(1, 3600);

/** Seconds, or none at all. */
export const keepaliveTimeout: ValueType<number | 'disabled'> = {
  policy: 'String',
  expected: `disabled | ${period.expected}`,
  parse: (value) => (value === 'disabled' ? 'disabled' : period.parse(value)),
  print: (value) => (value === 'disabled' ? 'disabled' : period.print(value)),
  store: String,
};
