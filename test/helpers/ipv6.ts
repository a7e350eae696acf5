import { eui64Of } from '../../src/bytes/ipv6.ts';
import type { SeenAddress, SeenLink, SeenRoute, SeenRouter } from '../../src/model/seen.ts';
import type { Op } from '../../src/plan/op.ts';

/** What a router says to whoever asks on a link. */
export interface Announcement {
  /** `2001:db8:1` of a /64. */
  readonly subnet: string;
  readonly gateway: string;
}

/** The settings of a link below net/ipv6/conf, as a host has them. */
export const IPV6_SETTINGS = { accept_ra: '1', autoconf: '1', ra_defrtr_metric: '0' };

type Token = Pick<SeenLink, 'ifindex' | 'ifname' | 'address'> & { token?: string | undefined };

/** Of IPv6 what the fake kernel does and refuses. Tried against Linux 6.18. */
export class FakeIpv6 {
  readonly routers: SeenRouter[] = [];
  /** By the ifindex of a port. */
  readonly announcements = new Map<number, Announcement>();

  constructor(
    readonly settings: Map<string, string>,
    readonly addresses: () => SeenAddress[],
  ) {}

  plugged(ifname: string): void {
    for (const [name, value] of Object.entries(IPV6_SETTINGS)) this.settings.set(pathOf(ifname, name), value);
  }

  unplugged({ ifname, ifindex }: SeenLink): void {
    for (const name of Object.keys(IPV6_SETTINGS)) this.settings.delete(pathOf(ifname, name));
    this.down(ifindex);
  }

  /** A link that goes down loses its addresses, and what it learned (addrconf_ifdown). */
  down(ifindex: number): void {
    const { routers } = this;
    for (let n = routers.length - 1; n >= 0; n--) if (routers[n]!.ifindex === ifindex) routers.splice(n, 1);
    const addresses = this.addresses();
    for (let n = addresses.length - 1; n >= 0; n--)
      if (addresses[n]!.ifindex === ifindex && addresses[n]!.address.includes(':')) addresses.splice(n, 1);
  }

  /** inet6_set_iftoken: whoever does not listen to routers may not have one. */
  setToken(link: Token, token: string): string | undefined {
    if (this.settings.get(pathOf(link.ifname, 'accept_ra')) !== '2') return 'EINVAL Router advertisement is disabled';
    if (token !== eui64Of(link.address!)) return `a token that the link would not have itself: ${token}`;
    link.token = token;
    return undefined;
  }

  /** Asked by a link that comes up, or gets a token. */
  solicit(link: Token, port: number): void {
    const said = this.announcements.get(port);
    if (!said || this.settings.get(pathOf(link.ifname, 'accept_ra')) !== '2') return;
    const { ifindex } = link;
    if (this.routers.some((router) => router.ifindex === ifindex)) return;
    const address = `${said.subnet}${eui64Of(link.address!)}`;
    const forever = Number.POSITIVE_INFINITY;
    this.addresses().push({ ifindex, address, prefix: 64, ours: false, preferred: forever, valid: forever });
    this.routers.push({ ifindex, gateway: said.gateway });
  }

  deleteSlaac(link: Token, { gateways }: Extract<Op, { op: 'deleteSlaac' }>): string | undefined {
    if (!link.token) return 'a token that is not there';
    const learned = this.routers.filter((router) => router.ifindex === link.ifindex);
    if (learned.some(({ gateway }) => !gateways.includes(gateway))) return 'a router that is left';
    if (this.settings.get(pathOf(link.ifname, 'accept_ra')) !== '2') return 'EINVAL Router advertisement is disabled';
    delete link.token;
    const ours = this.addresses().filter((one) => one.ifindex === link.ifindex && one.ours);
    this.down(link.ifindex);
    this.addresses().push(...ours.filter(({ address }) => address.includes(':')));
    return undefined;
  }
}

/** Why no plan may ask for such an address, or such a route. */
export function addressFault({
  address,
  prefix,
  preferred,
  valid,
}: Extract<Op, { op: 'addAddress' }>): string | undefined {
  if (/^(fe[89ab]|ff|::)/.test(address) || prefix < 1 || prefix > 128) return `no address of a line: ${address}`;
  if (valid === undefined || preferred === undefined || valid < 1 || preferred > valid) return 'EINVAL lifetime';
  return undefined;
}

export function routeFault({ nexthops, source, metric, destination }: SeenRoute): string | undefined {
  if (nexthops.length > 1) return 'a multipath route, which an old one would become part of';
  if (metric === 0) return 'the kernel makes it 1024';
  if (source !== undefined) return 'EINVAL source, as long as it is tentative';
  if (destination === '::/0' && !nexthops[0]?.gateway) return 'the whole Internet on a link';
  return undefined;
}

function pathOf(ifname: string, name: string): string {
  return `net/ipv6/conf/${ifname}/${name}`;
}
