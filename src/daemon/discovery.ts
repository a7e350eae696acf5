import { Refused } from '../model/refused.ts';
import type { SeenLink } from '../model/seen.ts';
import type { Arguments } from '../model/select.ts';
import { time } from '../model/types.ts';
import { interfaceLink, type World } from '../model/world.ts';
import type { Op } from '../plan/op.ts';
import { check } from '../runtime/errors.ts';
import type { Machine } from '../runtime/machine.ts';
import type { Table } from '../ubus/blob.ts';
import { ETH_P_ALL } from './frames.ts';
import { ETH_P_PPP_DISC, type Offer, offerOf, padi, padosTo, padt } from './pppoe.ts';
import type { Served } from './serve.ts';

/** PPPoE's discovery on an interface, for which the kernel needs no PPP. Loaded when it is first asked for. */

/** For so many seconds unless the call says otherwise. Whoever calls has no patience for more than 30. */
const LISTEN = 5;
const duration = time(1, 25);
/** A question may be lost, also to a switch that has just seen the link come up: it is asked again after so many ms. */
const AGAIN = 2000;
/** An answer that is longer than Ethernet takes is none. */
const ETH_FRAME_LEN = 1514;
/** Answers that are read, and rows that are told, at most. */
const MOST = 256;

/** The `scan` method: each service that is offered on an interface, once. Throws Refused. */
export async function scanned(args: Arguments, { loop, machine }: Served): Promise<Table> {
  const seconds = args.duration === undefined ? LISTEN : duration.parse(String(args.duration));
  if (seconds === undefined)
    throw new Refused(`duration ${args.duration} is not ${duration.expected}; leave it out for ${LISTEN}s`, 'duration');
  const offers = await ask(linkOf(args.interface, loop.world()), 1000 * seconds, machine);
  const rows = new Map(offers.flatMap(rowsOf).map((row) => [JSON.stringify(row), row]));
  return { servers: [...rows.values()].slice(0, MOST) };
}

function rowsOf({ services, mac, acName, error }: Offer): Table[] {
  const named = services.length > 0 ? services : [''];
  return named.map((service) => ({ service, mac_address: mac, ac_name: acName, ...(error && { error }) }));
}

type Ear = Pick<SeenLink, 'ifindex' | 'ifname'> & { readonly mac: string };

/** A link that can be asked on. */
function linkOf(given: unknown, world: World): Ear {
  const refuse = (why: string): never => {
    throw new Refused(why, 'interface');
  };
  if (given === undefined || given === '') return refuse('say on which interface to look for servers');
  const link = interfaceLink(String(given), world) ?? refuse(`interface ${given} does not exist; name one that does`);
  if (!link.ethernet || !link.address) return refuse(`interface ${given} is no Ethernet, which PPPoE needs`);
  if (!link.up) return refuse(`interface ${given} is down; enable it first`);
  if (!link.running) return refuse(`interface ${given} has no carrier; check its cable`);
  return { ifindex: link.ifindex, ifname: link.ifname, mac: link.address };
}

/** Throws OsError. */
async function ask({ ifindex, ifname, mac }: Ear, ms: number, { libc, sockets, runtime }: Machine): Promise<Offer[]> {
  const uniq = Math.floor(Math.random() * 2 ** 32);
  const question = padi(mac, uniq);
  // For all ethertypes: a bridge takes what comes in by a port of its before anybody that asks for one type.
  const fd = sockets.packet(ifindex, ETH_P_ALL, padosTo(mac));
  try {
    for (let rest = ms; rest > 0; rest -= AGAIN) {
      check(libc, libc.send(fd, question.buffer, 0, question.length, 0), `send PADI on ${ifname}`);
      await new Promise<void>((resolve) => void runtime.setTimer(Math.min(rest, AGAIN), resolve));
    }
    return heard(fd, uniq, libc);
  } finally {
    libc.close(fd);
  }
}

function heard(fd: number, uniq: number, libc: Machine['libc']): Offer[] {
  const buffer = new ArrayBuffer(ETH_FRAME_LEN);
  const offers: Offer[] = [];
  for (let read = 0; read < MOST; read++) {
    const length = libc.recv(fd, buffer, 0, ETH_FRAME_LEN, 0);
    if (length <= 0) break;
    const offer = offerOf(new Uint8Array(buffer, 0, length), uniq);
    if (offer) offers.push(offer);
  }
  return offers;
}

/** Tell an access concentrator that a session is over whose client can do it no more. Throws OsError. */
export function endSession(op: Extract<Op, { op: 'endSession' }>, { libc, sockets }: Machine): void {
  const { ifindex, name, mac, acMac, session } = op;
  const fd = sockets.packet(ifindex, ETH_P_PPP_DISC);
  const frame = padt(mac, acMac, session);
  const sent = libc.send(fd, frame.buffer, 0, frame.length, 0);
  libc.close(fd);
  check(libc, sent, `send PADT of ${name}`);
}
