import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Acl, type Peer, parseAcl } from '../../src/broker/acl.ts';
import { Broker } from '../../src/broker/broker.ts';
import type { Outgoing } from '../../src/broker/outbox.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { UBUS_MSG_ADD_OBJECT, UBUS_MSG_DATA, UBUS_MSG_STATUS } from '../../src/ubus/constants.ts';
import { decodeAttributes } from '../../src/ubus/message.ts';
import { parse, type Row, type Scenario, scenarios } from '../ubus/captures.ts';

/*
 * Each recorded scenario drives the broker's core: what clients sent goes in, and what comes out must be, byte for
 * byte and in order on each connection, what ubusd sent. Ids are made equal by a random source that deals out the
 * recorded ones. The recorder saw each connection in order but the connections not always in the order in which ubusd
 * handled them; so a recorded message is given to the broker as soon as all that its own connection got before it has
 * come out, the earliest recorded first.
 */

const root: Peer = { uid: 0, gid: 0, groups: [], user: 'root', group: 'root' };
const nobody: Peer = { uid: 65534, gid: 65534, groups: [65534], user: 'nobody', group: 'nogroup' };
const accounts = { uids: new Map([['nobody', 65534]]), gids: new Map([['nogroup', 65534]]) };
const granted = `{"user": "nobody", "access": {"capture.*": {"methods": ["noop", "whoami"], "acl": {"level": "x"}}},
  "publish": ["nobody.obj"], "subscribe": ["capture.test"], "listen": ["foo.*"], "send": ["foo.*"]}`;

interface Recorded {
  at: number;
  row: Row;
}

/** One connection: what its client is still to send, and what is still to come out for it. */
interface Script {
  conn: string;
  sent: Recorded[];
  expected: Recorded[];
  client: number;
  closed: boolean;
}

class Replay {
  readonly broker: Broker;
  readonly scripts: Script[] = [];
  readonly ids: number[] = [];
  /** Ids that were given out but never told to anybody. */
  #spare = 0x10000;

  constructor(readonly scenario: Scenario) {
    this.broker = new Broker(() => this.ids.shift() ?? this.#spare++);
    for (const [at, row] of scenario.messages.entries()) {
      const script = this.#script(row[0]);
      (row[1] === '>' ? script.sent : script.expected).push({ at, row });
    }
  }

  #script(conn: string): Script {
    const known = this.scripts.find((script) => script.conn === conn);
    if (known) return known;
    const script: Script = { conn, sent: [], expected: [], client: 0, closed: false };
    this.scripts.push(script);
    return script;
  }

  run(): void {
    while (this.#step() || this.#closeOne()) {}
    for (const { conn, sent, expected } of this.scripts) {
      assert.is(sent.length, 0, `${this.scenario.name}: ${conn} has yet to send row ${sent[0]?.at}`);
      assert.is(expected.length, 0, `${this.scenario.name}: ${conn} still expects row ${expected[0]?.at}`);
    }
  }

  /** The earliest thing that can be done: a connection made, or a message given to the broker. */
  #step(): boolean {
    const able = this.scripts.filter((script) => isAble(script)).sort((a, b) => start(a) - start(b));
    const script = able[0];
    if (!script || this.#closeOne(start(script))) return script !== undefined;
    if (script.client) this.#give(script, script.sent.shift()!.row);
    else this.#open(script);
    return true;
  }

  #open(script: Script): void {
    this.ids.push(parse(script.expected[0]!.row[2]).peer);
    const { id, out } = this.broker.connect(script.conn === 'nobody' ? nobody : root);
    script.client = id;
    this.#expect(out, 0);
  }

  #give(script: Script, [, , hex, fds = 0]: Row): void {
    let message: ReturnType<typeof parse>;
    try {
      message = parse(hex);
    } catch {
      // What is no message ends the connection.
      this.#close(script);
      return;
    }
    if (message.type === UBUS_MSG_ADD_OBJECT) this.#dealIds(script);
    this.#expect(this.broker.receive(script.client, message), fds);
  }

  /** The ids that ubusd made are in its answer, if that is one of data: first the type's was made, then the object's. */
  #dealIds({ expected }: Script): void {
    const answer = expected
      .map(({ row }) => parse(row[2]))
      .find(({ type }) => type === UBUS_MSG_DATA || type === UBUS_MSG_STATUS);
    if (answer?.type !== UBUS_MSG_DATA) return;
    const { objtype, objid } = decodeAttributes(answer.body);
    for (const id of [objtype, objid]) if (id !== undefined) this.ids.push(id);
  }

  #expect(out: readonly Outgoing[], fds: number): void {
    for (const { to, bytes, passed } of out) {
      const script = this.scripts.find(({ client }) => client === to)!;
      if (script.closed) continue;
      const recorded = script.expected.shift();
      const where = `${this.scenario.name}: ${script.conn}, row ${recorded?.at}`;
      assert.is(toHex(bytes), recorded?.row[2] ?? 'nothing', where);
      assert.is(passed ? fds : 0, recorded?.row[3] ?? 0, `${where}: descriptors`);
    }
  }

  #close(script: Script): void {
    script.closed = true;
    this.#expect(this.broker.disconnect(script.client), 0);
  }

  /** Of those who are through and were seen to leave before that row, or at all, the first leaves. */
  #closeOne(before = Number.POSITIVE_INFINITY): boolean {
    const end = ({ conn }: Script) => this.scenario.closed[conn] ?? this.scenario.messages.length;
    const script = this.scripts
      .filter(({ client, closed, sent, expected }) => client && !closed && sent.length + expected.length === 0)
      .filter((through) => end(through) < before)
      .sort((a, b) => end(a) - end(b))[0];
    if (script) this.#close(script);
    return script !== undefined;
  }
}

/** All that its connection got before the next message to be sent has come out. */
function isAble({ client, closed, sent, expected }: Script): boolean {
  if (client === 0) return expected.length > 0;
  return !closed && sent.length > 0 && (expected[0]?.at ?? Infinity) > sent[0]!.at;
}

function start({ client, sent, expected }: Script): number {
  return (client ? sent : expected)[0]!.at;
}

const Replays = suite('the broker in place of ubusd');

for (const scenario of scenarios) {
  Replays(`${scenario.name}: ${scenario.about.slice(0, 90)}`, () => {
    const replay = new Replay(scenario);
    if (scenario.name === 'acl-nobody-granted') replay.broker.setAcl(new Acl(parseAcl(granted, accounts)!));
    replay.run();
  });
}

Replays('all 26 scenarios were there', () => {
  assert.is(scenarios.length, 26);
});

Replays.run();
