import type { Machine } from '../runtime/machine.ts';
import { UBUS_MAX_MSGLEN, UBUS_MSG_LOOKUP } from '../ubus/constants.ts';
import type { Message } from '../ubus/message.ts';
import { Stream } from '../ubus/stream.ts';
import { identify, readAccounts } from './accounts.ts';
import { Acl, parseAcl, type Rule } from './acl.ts';
import { binary } from './binary.ts';
import { Broker } from './broker.ts';
import type { Outgoing } from './outbox.ts';

interface Connection {
  stream: Stream;
  /** Lookups that wait until their client has read what was sent before. */
  lookups: Message[];
}

/** A client that asks more than this without reading is not listened to. */
const maxLookups = 1024;
const regularFile = 0o100000;
const fileType = 0o170000;
const unsafeBits = 0o023;

/** The sockets around the broker. */
export class Server {
  readonly #machine: Machine;
  readonly #broker: Broker;
  readonly #aclDirectory: string;
  readonly #listener: number;
  readonly #connections = new Map<number, Connection>();

  constructor(machine: Machine, path: string, aclDirectory: string) {
    this.#machine = machine;
    this.#broker = new Broker(randomSource(machine));
    this.#aclDirectory = aclDirectory;
    this.#listener = machine.sockets.listenUnix(path);
    this.#listen();
    this.loadAcl();
  }

  #listen(): void {
    this.#machine.poller.watch(this.#listener, () => this.#accept());
  }

  /** Reads the ACL files again. Without any the old rules stay, as in ubusd. */
  loadAcl(): void {
    const names = this.#machine.files.list(this.#aclDirectory).filter((name) => /^[^.].*\.json$/.test(name));
    if (names.length === 0) return;
    const rules = names.flatMap((name) => this.#readAcl(`${this.#aclDirectory}/${name}`));
    this.#deliver(this.#broker.setAcl(new Acl(rules)));
  }

  #readAcl(path: string): Rule[] {
    const { files, runtime } = this.#machine;
    const stat = files.stat(path);
    if (!stat || (stat.mode & fileType) !== regularFile) return [];
    const safe = stat.uid === 0 && (stat.mode & unsafeBits) === 0;
    const bytes = safe ? files.read(path) : undefined;
    const rules = bytes && parseAcl(binary.decode(bytes), readAccounts(this.#machine));
    if (!rules) runtime.print(2, `ubusd: ${path}: ${safe ? 'no ACL file' : 'wrong owner or permissions'}\n`);
    return rules ?? [];
  }

  #accept(): void {
    const { libc, poller, runtime } = this.#machine;
    const fd = libc.accept(this.#listener);
    if (fd === -libc.constants.EMFILE || fd === -libc.constants.ENFILE) {
      // Whoever waits would bring us back here at once, and again, until a descriptor is free.
      poller.unwatch(this.#listener);
      runtime.setTimer(100, () => this.#listen());
    }
    if (fd < 0) return;
    const peer = identify(this.#machine, fd);
    if (!peer) {
      libc.close(fd);
      return;
    }
    const { id, out } = this.#broker.connect(peer);
    const stream = new Stream(this.#machine, fd, {
      message: (message, passed) => this.#take(id, message, passed),
      lost: () => this.#leave(id),
      drained: () => this.#resume(id),
    });
    this.#connections.set(id, { stream, lookups: [] });
    this.#deliver(out);
  }

  #leave(id: number): void {
    this.#connections.delete(id);
    this.#deliver(this.#broker.disconnect(id));
  }

  #take(id: number, message: Message, passed: number): void {
    const { stream, lookups } = this.#connections.get(id)!;
    if (message.type === UBUS_MSG_LOOKUP && stream.queued > 0) {
      if (lookups.length < maxLookups) lookups.push(message);
      this.#closePassed(passed);
    } else this.#deliver(this.#broker.receive(id, message), passed);
  }

  #resume(id: number): void {
    const connection = this.#connections.get(id)!;
    while (connection.stream.queued === 0) {
      const message = connection.lookups.shift();
      if (!message) return;
      this.#deliver(this.#broker.receive(id, message));
    }
  }

  #deliver(out: readonly Outgoing[], passed = -1): void {
    let fd = passed;
    for (const message of out) {
      const stream = this.#connections.get(message.to)?.stream;
      if (!stream || isTooMuch(stream.queued, message)) continue;
      stream.send(message.bytes, message.passed ? fd : -1);
      if (message.passed) fd = -1;
    }
    this.#closePassed(fd);
  }

  #closePassed(fd: number): void {
    if (fd >= 0) this.#machine.libc.close(fd);
  }
}

/** A slow client loses what comes on top of UBUS_CLIENT_MAX_TXQ_LEN, and is not told. */
function isTooMuch(queued: number, { bytes, patient }: Outgoing): boolean {
  return !patient && queued > 0 && queued + bytes.length > UBUS_MAX_MSGLEN;
}

function randomSource({ libc }: Machine): () => number {
  const fd = libc.open('/dev/urandom', libc.constants.O_RDONLY | libc.constants.O_CLOEXEC, 0);
  const word = new Uint32Array(1);
  return () => {
    if (libc.read(fd, word.buffer, 0, 4) !== 4) throw new Error('no random numbers');
    return word[0]!;
  };
}
