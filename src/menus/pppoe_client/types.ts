import { encodeUtf8 } from '../../bytes/utf8.ts';
import { integer, stringType, text, time, type ValueType } from '../../model/types.ts';

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

/** `what`, or the word for that there is none. */
function unless<W extends string>(word: W, what: ValueType<number>): ValueType<number | W> {
  return {
    policy: 'String',
    expected: `${word} | ${what.expected}`,
    parse: (value) => (value === word ? word : what.parse(value)),
    print: (value) => (value === word ? word : what.print(value as number)),
    store: String,
  };
}

export const keepaliveTimeout = unless('disabled', time(1, 3600));

export const idleTimeout = unless('none', time(1, 86_400));

/** RouterOS's range. */
export const mrru = unless('disabled', integer(512, 65_535));
