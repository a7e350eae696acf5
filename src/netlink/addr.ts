import { type Body, body, struct, table, type ValueOf } from './attrs.ts';
import * as c from './constants.ts';
import type { Request } from './request.ts';
import { ip, padding, text, u8, u32 } from './scalars.ts';

/** struct ifaddrmsg. Its eight bits of flags are left to IFA_FLAGS, which every kernel since 3.14 sends and prefers. */
const ifaddrmsg = struct({ family: u8, prefixlen: u8, _flags: padding(1), scope: u8, index: u32 });

/** struct ifa_cacheinfo: seconds left, 0xffffffff for ever; stamps in hundredths since boot. */
const cacheinfo = struct({ prefered: u32, valid: u32, cstamp: u32, tstamp: u32 });

const rows = {
  local: [c.IFA_LOCAL, ip, ''],
  address: [c.IFA_ADDRESS, ip],
  broadcast: [c.IFA_BROADCAST, ip],
  label: [c.IFA_LABEL, text],
  flags: [c.IFA_FLAGS, u32, 0],
  cacheinfo: [c.IFA_CACHEINFO, cacheinfo],
  proto: [c.IFA_PROTO, u8, 0],
  rtPriority: [c.IFA_RT_PRIORITY, u32, 0],
} as const;
const wire = body(ifaddrmsg, table(rows));

/**
 * An address of an interface. `local` is always the interface's own one; `address` is the same, or the peer's on a
 * point-to-point link. (For IPv6 without a peer the kernel sends IFA_ADDRESS alone.) `flags` are IFA_F_*.
 */
export type Address = ValueOf<typeof wire>;

export const address: Body<ValueOf<typeof ifaddrmsg>, typeof rows> = {
  ...wire,
  decode(input, at, end) {
    const value = wire.decode(input, at, end);
    if (value.local === '' && value.address !== undefined) value.local = value.address;
    return value;
  },
};

type AddressChange = Partial<Address> & { index: number; local: string; prefixlen: number };

/** `replace` changes flags, lifetime and priority of an address that is there already, where it would else be EEXIST. */
export function addAddress(address: AddressChange, options: { replace?: boolean } = {}): Request {
  const flags = c.NLM_F_CREATE | (options.replace ? c.NLM_F_REPLACE : c.NLM_F_EXCL);
  return request(c.RTM_NEWADDR, flags, 'add', address);
}

export function deleteAddress({ index, local, prefixlen, address }: AddressChange): Request {
  return request(c.RTM_DELADDR, 0, 'delete', { index, local, prefixlen, address });
}

function request(type: number, flags: number, verb: string, change: AddressChange): Request {
  const { index, local, prefixlen } = change;
  const family = local.includes(':') ? c.AF_INET6 : c.AF_INET;
  const attempted = `${verb} address ${local}/${prefixlen} on ${index}`;
  return { attempted, type, flags, shape: address, body: { family, ...change } };
}
