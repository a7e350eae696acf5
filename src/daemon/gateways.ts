import type { Op } from '../plan/op.ts';
import { echoSocket } from '../runtime/echo.ts';
import type { Machine } from '../runtime/machine.ts';
import { arpReply, arpRequest, ETH_P_ARP } from './arp.ts';
import { answeredEcho, echoReply, echoRequest } from './questions.ts';

type Ask = Extract<Op, { op: 'askGateway' }>;

interface Asking {
  readonly fd: number;
  /** What the socket was opened for. */
  readonly place: string;
  readonly address: string;
  readonly how: Ask['how'];
  /** Of the last echo. */
  sequence: number;
}

/** check-gateway: a socket a line, by which its gateway is asked and heard. Loaded when one is asked first. */
export class Gateways {
  readonly #machine: Machine;
  readonly #onAnswer: (owner: string, address: string) => void;
  readonly #asking = new Map<string, Asking>();
  readonly #buffer = new ArrayBuffer(64);

  constructor(machine: Machine, onAnswer: (owner: string, address: string) => void) {
    this.#machine = machine;
    this.#onAnswer = onAnswer;
  }

  get owners(): string[] {
    return [...this.#asking.keys()];
  }

  /** Throws OsError where no socket can be had. What cannot be sent is not answered, and so is no error. */
  ask(op: Ask): void {
    const { owner, ifindex, mac, address, source, how } = op;
    const place = [ifindex, mac, address, source, how].join();
    if (this.#asking.get(owner)?.place !== place) this.#open(op, place);
    const asking = this.#asking.get(owner)!;
    asking.sequence = (asking.sequence + 1) & 0xffff;
    const question = how === 'arp' ? arpRequest(mac, source, address) : echoRequest(asking.sequence);
    this.#machine.libc.send(asking.fd, question.buffer, 0, question.length, 0);
  }

  forget(owner: string): void {
    const asking = this.#asking.get(owner);
    if (!asking) return;
    this.#asking.delete(owner);
    this.#machine.poller.unwatch(asking.fd);
    this.#machine.libc.close(asking.fd);
  }

  #open(op: Ask, place: string): void {
    this.forget(op.owner);
    const { sockets, libc, poller } = this.#machine;
    const { owner, ifindex, address, source, how } = op;
    const fd =
      how === 'arp'
        ? sockets.packet(ifindex, ETH_P_ARP, arpReply(source, address))
        : echoSocket(libc, { ...op, peer: address, filter: echoReply() });
    const asking: Asking = { fd, place, address, how, sequence: 0 };
    this.#asking.set(owner, asking);
    poller.watch(fd, () => this.#drain(owner, asking));
  }

  #drain(owner: string, asking: Asking): void {
    let isHeard = false;
    for (;;) {
      // An error, such as ENETDOWN or what ICMP said, stands once; it is no answer.
      const length = this.#machine.libc.recv(asking.fd, this.#buffer, 0, this.#buffer.byteLength, 0);
      if (length < 0) break;
      isHeard ||= asking.how === 'arp' || answeredEcho(new DataView(this.#buffer, 0, length)) === asking.sequence;
    }
    if (isHeard) this.#onAnswer(owner, asking.address);
  }
}
