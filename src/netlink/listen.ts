import type { Machine } from '../runtime/machine.ts';
import { type Message, readMessages } from './message.ts';
import { receiveBuffer, received } from './socket.ts';
import type { Input } from './wire.ts';

// So much is read in one turn of the loop; what is left makes the socket readable again.
const PACKETS_A_TURN = 256;

type Visit = (input: Input, message: Message) => void;
/** Visits the news there is. True after an overrun: more news came than the socket holds, and some of it is lost. */
export type ReadNews = (visit: Visit) => boolean;

export interface Listener {
  /** Hear all that has come so far at once, before the loop gets to it. */
  hear(): void;
  close(): void;
}

/**
 * Joins the multicast `groups` of a protocol with a socket of its own, so that news never mixes with answers, and calls
 * `onNews` at most once a turn of the loop.
 */
export function listen(
  machine: Machine,
  protocol: number,
  groups: readonly number[],
  onNews: (read: ReadNews) => void,
): Listener {
  const { libc, sockets, poller } = machine;
  const fd = sockets.netlink(protocol);
  try {
    for (const group of groups) sockets.joinGroup(fd, group);
  } catch (error) {
    libc.close(fd);
    throw error;
  }
  const hear = (packets?: number) => onNews((visit) => drain(machine, fd, visit, packets));
  poller.watch(fd, () => hear(PACKETS_A_TURN));
  return {
    hear: () => hear(),
    close() {
      poller.unwatch(fd);
      libc.close(fd);
    },
  };
}

function drain({ libc }: Machine, fd: number, visit: Visit, packets = Number.POSITIVE_INFINITY): boolean {
  let overrun = false;
  for (let left = packets; left > 0; left--) {
    const length = libc.recv(fd, receiveBuffer, 0, receiveBuffer.byteLength, 0);
    if (length === -libc.constants.EAGAIN) break;
    if (length === -libc.constants.EINTR) continue;
    // ENOBUFS; any other failure of this socket means missed news just as well.
    if (length < 0) overrun = true;
    else for (const message of readMessages(received, length)) visit(received, message);
  }
  return overrun;
}
