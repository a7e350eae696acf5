import { encodeAttribute } from './attrs.ts';
import { type Type, u32 } from './scalars.ts';

// include/uapi/linux/ip.h, enum IPV4_DEVCONF_*: the files of /proc/sys/net/ipv4/conf/IF by number, those in use.
const IPV4_DEVCONF = {
  proxyArp: 3,
  rpFilter: 8,
  arpAnnounce: 18,
  arpIgnore: 19,
  promoteSecondaries: 20,
  proxyArpPvlan: 25,
} as const;

/** A link's IPv4 settings. The `conf/all` of the namespace, which most of them are combined with, are not in it. */
export type InetConf = { -readonly [K in keyof typeof IPV4_DEVCONF]?: number };

/**
 * IFLA_INET_CONF, the one attribute whose two directions differ (net/ipv4/devinet.c): inet_fill_link_af writes an
 * array of all u32 values from number 1 on, inet_set_link_af wants nested attributes numbered by the setting.
 */
export const inetConf: Type<InetConf> = {
  size: 0,
  decode(input, at, end) {
    const conf: InetConf = {};
    for (let i = 0; i < settings.length; i++) {
      const { name, number } = settings[i]!;
      if (at + 4 * number <= end) conf[name] = input.words[(at >> 2) + number - 1]!;
    }
    return conf;
  },
  encode(output, value) {
    for (const { name, number } of settings) {
      const setting = value[name];
      if (setting !== undefined) encodeAttribute(output, number, u32, setting);
    }
  },
};

const settings = Object.entries(IPV4_DEVCONF).map(([name, number]) => ({ name: name as keyof InetConf, number }));
