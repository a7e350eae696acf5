import type { Seen, SeenLink } from '../../src/model/seen.ts';

/** A machine without anything. */
export const NOTHING_SEEN: Seen = {
  links: [],
  addresses: [],
  routes: [],
  rules: [],
  foreignDefaults: [],
  rulesets: {},
  settings: new Map(),
  children: [],
  routers: [],
  neighbours: [],
  arpTimes: [],
  listening: [],
  asking: [],
  files: new Map(),
  leases: new Map(),
};

/** What an ordinary port has besides its name, number and address. */
export const PORT = {
  mtu: 1500,
  group: 0,
  loopback: false,
  ethernet: true,
  arp: true,
  up: true,
  carrier: true,
  running: true,
} satisfies Partial<SeenLink>;
