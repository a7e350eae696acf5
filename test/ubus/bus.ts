import { Server } from '../../src/broker/serve.ts';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { UbusClient } from '../../src/ubus/client.ts';
import { type Attributes, encodeMessage } from '../../src/ubus/message.ts';
import type { ObjectDefinition, UbusRequest } from '../../src/ubus/object.ts';
import { World } from './world.ts';

export const path = '/ubus.sock';
export const hello = '0000000012345678 00000004';

/** A broker and clients in one world. What clients log is kept. */
export class Bus {
  readonly world = new World();
  readonly log: string[] = [];

  constructor() {
    new Server(this.world.machine, path, '/acl.d');
  }

  async client(options = {}): Promise<UbusClient> {
    const client = UbusClient.connect(this.world.machine, path, { log: (text) => this.log.push(text), ...options });
    await this.world.settle();
    await client.ready();
    return client;
  }

  /** An object with one method `m`. */
  async provider(call: (request: UbusRequest) => void | Promise<void>, at = 'test'): Promise<UbusClient> {
    const client = await this.client();
    client.publish({ path: at, methods: { m: { args: {}, call } } });
    await this.world.settle();
    await client.ready();
    return client;
  }
}

export const echo = (request: UbusRequest) => {
  request.reply(request.args);
  request.finish(0);
};

/** One object with the method `m`. */
export const object: ObjectDefinition = { path: 'test', methods: { m: { args: {}, call: echo } } };

/** A broker whose sockets the test holds in its hands. */
export class Scripted {
  readonly world = new World();
  readonly log: string[] = [];
  fd = 0;

  connect(options: object): UbusClient {
    return UbusClient.connect(this.world.machine, path, { log: (text) => this.log.push(text), ...options });
  }

  /** Accept and send bytes. */
  async greet(bytes: string): Promise<void> {
    this.fd = this.world.accept(path);
    this.world.write(this.fd, fromHex(bytes));
    await this.world.settle();
  }

  /** Send a message and answer, as hex, what comes back. */
  async say(type: number, seq: number, peer: number, attributes: Attributes): Promise<string> {
    this.world.write(this.fd, encodeMessage(type, seq, peer, attributes));
    await this.world.settle();
    return toHex(this.world.readAll(this.fd));
  }
}
