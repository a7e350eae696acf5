import type { Property } from '../model/properties.ts';
import { checkGateway as gatewayCheck, integer, text, yesNo } from '../model/types.ts';

/** Rows that several menus have. */

export const comment = { type: text(), cost: 'live', help: 'short description' } as const satisfies Property<string>;

export const distance = {
  type: integer(0, 255),
  default: 1,
  cost: 'live',
  help: 'metric of that route; equal distances share one multipath route; 255 = only answers leave by it',
} as const satisfies Property<number>;

export const weight = {
  type: integer(1, 256),
  default: 1,
  cost: 'live',
  help: 'its share of the connections among default routes of the same distance',
} as const satisfies Property<number>;

export const sourceRouting = {
  type: yesNo,
  default: true,
  cost: 'live',
  help: 'what has an address of this line leaves by this line; no: only the main table decides',
} as const satisfies Property<boolean>;

export const netifd = {
  type: yesNo,
  default: true,
  cost: 'live',
  help: 'where OpenWrt runs: the line is an interface of netifd too, so that firewall, DNS and other packages know it',
} as const satisfies Property<boolean>;

export const zone = {
  type: text('a firewall zone'),
  cost: 'live',
  help: "firewall zone of the line where OpenWrt runs; left out: that of its parent's interface, though none that masquerades where a DHCP server answers on it",
} as const satisfies Property<string>;

export const checkGateway = {
  type: gatewayCheck,
  default: 'none',
  cost: 'live',
  help: 'ask the gateway every 10 s; after two without an answer its default route is not used until it answers; by ping, or by arp where it answers no ping',
} as const satisfies Property<string>;
