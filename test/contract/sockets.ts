import * as assert from 'uvu/assert';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { answeredEcho, echoReply, echoRequest } from '../../src/daemon/questions.ts';
import { echoSocket } from '../../src/runtime/echo.ts';
import { OsError } from '../../src/runtime/errors.ts';
import type { Machine } from '../../src/runtime/machine.ts';
import { run } from './children.ts';
import { inDirectory, pair, type Rows, within } from './contract.ts';

// include/uapi/linux/rtnetlink.h
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTNLGRP_LINK = 1;
// include/uapi/linux/netlink.h
const NLM_F_REQUEST_DUMP = 0x301;
const NLMSG_DONE = 3;

/** The next datagram's bytes. */
function receive(machine: Machine, fd: number, what: string): Promise<Uint8Array> {
  return within(machine, 5000, what, (done) => {
    machine.poller.watch(fd, () => {
      const out = new ArrayBuffer(65536);
      const got = machine.libc.recv(fd, out, 0, out.byteLength, machine.libc.constants.MSG_DONTWAIT);
      if (got < 0) return;
      machine.poller.unwatch(fd);
      done(new Uint8Array(out, 0, got));
    });
  });
}

/** The nlmsg_type of each message in a datagram: struct nlmsghdr is in host order and begins with its length. */
function types(datagram: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 0; at + 16 <= datagram.length; ) {
    const start = datagram.byteOffset + at;
    found.push(new Uint16Array(datagram.buffer, start + 4, 1)[0]!);
    at += (new Uint32Array(datagram.buffer, start, 1)[0]! + 3) & ~3;
  }
  return found;
}

/** A question for all links: nlmsghdr and struct ifinfomsg. */
function linkDump(): ArrayBuffer {
  const words = new Uint32Array([32, 0, 1, 0, 0, 0, 0, 0]);
  new Uint16Array(words.buffer).set([RTM_GETLINK, NLM_F_REQUEST_DUMP], 2);
  return words.buffer;
}

/** Classic BPF: take the frame when byte 14, the first after the Ethernet header, is 2 (struct sock_filter: code, jt, jf, k). */
function secondByteFilter(): ArrayBuffer {
  const program = new ArrayBuffer(32);
  const rows: [number, number, number, number][] = [
    [0x30, 0, 0, 14],
    [0x15, 0, 1, 2],
    [0x06, 0, 0, 0xffff],
    [0x06, 0, 0, 0],
  ];
  rows.forEach(([code, jt, jf, k], i) => {
    new Uint16Array(program, 8 * i, 1)[0] = code;
    new Uint8Array(program, 8 * i + 2, 2).set([jt, jf]);
    new Uint32Array(program, 8 * i + 4, 1)[0] = k;
  });
  return program;
}

/** True when this process may do what needs CAP_NET_RAW; says so when not. */
function mayOpenPackets(machine: Machine): boolean {
  try {
    machine.libc.close(machine.sockets.packet(1, 0x88b5));
    return true;
  } catch (error) {
    if (!(error instanceof OsError) || error.errno !== machine.libc.constants.EPERM) throw error;
    machine.runtime.print(1, 'skipped: packet sockets: neither root nor in a namespace of our own (unshare -rn)\n');
    return false;
  }
}

export const sockets: Rows = {
  'a Unix socket listens with mode 0666, knows its peer, and gives way only when stale': (machine) =>
    inDirectory(machine, async (folder) => {
      const { sockets, libc, files, poller } = machine;
      const path = `${folder}/sock`;
      assert.throws(() => sockets.connectUnix(path), /No such file/);
      const listening = sockets.listenUnix(path);
      assert.is(files.stat(path)?.mode.toString(8), '140666');
      assert.throws(() => sockets.listenUnix(path), /in use/);
      const client = await within<number>(machine, 5000, 'a connection', (done) => {
        poller.watch(listening, () => done(0));
        sockets.connectUnix(path);
      });
      assert.is(client, 0);
      poller.unwatch(listening);
      // The connection that asked whether somebody listens came first.
      const [asked, served] = [libc.accept(listening), libc.accept(listening)];
      const { pid, uid, gid } = sockets.peer(served);
      assert.equal([pid, uid, gid], [libc.getpid(), libc.getuid(), libc.getgid()]);
      assert.is(libc.accept(listening), -libc.constants.EAGAIN);
      for (const fd of [asked, served, listening]) libc.close(fd);
      assert.throws(() => sockets.connectUnix(path), /refused/);
      libc.close(sockets.listenUnix(path));
      assert.throws(() => sockets.connectUnix('x'.repeat(120)), /Invalid argument/);
    }),

  'a descriptor passes with its message, and one without it is -1'(machine) {
    const { libc } = machine;
    const [from, to] = pair(machine);
    const [passed, other] = pair(machine);
    const text = fromHex('706173730a').buffer as ArrayBuffer;
    const out = new ArrayBuffer(16);
    const got = new Int32Array(1);
    assert.is(libc.sendfd(from, text, 0, 5, passed), 5);
    assert.is(libc.recvfd(to, out, 2, 14, got.buffer), 5);
    assert.is(toHex(new Uint8Array(out, 2, 5)), '706173730a');
    assert.ok(got[0]! > 2 && got[0] !== passed);
    assert.is(libc.write(got[0]!, text, 0, 5), 5);
    assert.is(libc.read(other, out, 0, 16), 5);
    libc.close(got[0]!);
    assert.is(libc.send(from, text, 0, 5, libc.constants.MSG_NOSIGNAL), 5);
    assert.is(libc.recvfd(to, out, 0, 16, got.buffer), 5);
    assert.is(got[0], -1);
    assert.is(libc.recvfd(to, out, 0, 16, got.buffer), -libc.constants.EAGAIN);
    assert.is(libc.sendfd(from, text, 0, 5, 9999), -libc.constants.EBADF);
    for (const fd of [from, to, passed, other]) libc.close(fd);
  },

  'writing to nobody is EPIPE, not the end of the program'(machine) {
    const { libc } = machine;
    const [from, to] = pair(machine);
    libc.close(to);
    assert.is(libc.write(from, new ArrayBuffer(1), 0, 1), -libc.constants.EPIPE);
    libc.close(from);
  },

  async 'a dump of all links has lo in it and an end'(machine) {
    const { libc, sockets } = machine;
    const fd = sockets.netlink(0);
    assert.is(libc.send(fd, linkDump(), 0, 32, 0), 32);
    const seen: number[] = [];
    let bytes = '';
    while (!seen.includes(NLMSG_DONE)) {
      const datagram = await receive(machine, fd, 'an answer to RTM_GETLINK');
      seen.push(...types(datagram));
      bytes += toHex(datagram);
    }
    assert.ok(seen.includes(RTM_NEWLINK));
    // IFLA_IFNAME with its NUL.
    assert.match(bytes, '6c6f00');
    const address = new ArrayBuffer(12);
    assert.is(libc.getsockname(fd, address, 0, 12), 12);
    assert.is(new Uint16Array(address)[0], libc.constants.AF_NETLINK);
    libc.close(fd);
  },

  async 'a netlink group that was joined brings its news'(machine) {
    const { libc, sockets } = machine;
    if (!mayOpenPackets(machine)) return;
    const fd = sockets.netlink(0);
    assert.throws(() => sockets.joinGroup(fd, 100000), /Invalid argument/);
    sockets.joinGroup(fd, RTNLGRP_LINK);
    assert.equal(await run(machine, { argv: ['/sbin/ip', 'link', 'set', 'lo', 'mtu', '60000', 'up'] }), { code: 0 });
    assert.equal(types(await receive(machine, fd, 'news of lo')).slice(0, 1), [RTM_NEWLINK]);
    assert.equal(await run(machine, { argv: ['/sbin/ip', 'link', 'set', 'lo', 'mtu', '65536'] }), { code: 0 });
    libc.close(fd);
  },

  async 'a packet socket hears the frames that its filter takes, and its sender'(machine) {
    const { libc, sockets } = machine;
    if (!mayOpenPackets(machine)) return;
    assert.equal(await run(machine, { argv: ['/sbin/ip', 'link', 'set', 'lo', 'up'] }), { code: 0 });
    const hearing = sockets.packet(1, 0x88b5, secondByteFilter());
    const sending = sockets.packet(1, 0x88b6);
    // struct sockaddr_ll of lo, and two frames that differ in the byte after the header.
    const to = new ArrayBuffer(20);
    new Uint16Array(to)[0] = libc.constants.AF_PACKET;
    new Int32Array(to)[1] = 1;
    for (const kind of ['01', '02']) {
      const frame = fromHex(`000000000000 000000000000 88b5 ${kind}aabb`).buffer as ArrayBuffer;
      assert.is(libc.sendto(sending, frame, 0, 17, 0, to, 20), 17);
    }
    const from = new ArrayBuffer(20);
    const out = new ArrayBuffer(64);
    const got = await within<number>(machine, 5000, 'the frame', (done) => {
      machine.poller.watch(hearing, () => done(libc.recvfrom(hearing, out, 0, 64, 0, from)));
    });
    machine.poller.unwatch(hearing);
    assert.is(toHex(new Uint8Array(out, 0, got)), '00000000000000000000000088b502aabb');
    assert.is(new Int32Array(from)[1], 1);
    libc.close(hearing);
    libc.close(sending);
  },

  async 'an echo is answered by its link, and the filter lets through nothing else'(machine) {
    const { libc } = machine;
    if (!mayOpenPackets(machine)) return;
    assert.equal(await run(machine, { argv: ['/sbin/ip', 'link', 'set', 'lo', 'up'] }), { code: 0 });
    const place = { ifname: 'lo', source: '127.0.0.1', peer: '127.0.0.1', filter: echoReply() };
    assert.throws(() => echoSocket(libc, { ...place, ifname: 'none' }), /bind to none: No such device/);
    assert.throws(() => echoSocket(libc, { ...place, source: '192.0.2.77' }), /bind 192\.0\.2\.77: /);
    const fd = echoSocket(libc, place);
    assert.is(libc.send(fd, echoRequest(7).buffer, 0, 8, 0), 8);
    // On lo the question itself comes in first.
    const { buffer, byteLength } = await receive(machine, fd, 'the answer');
    assert.is(answeredEcho(new DataView(buffer, 0, byteLength)), 7);
    libc.close(fd);
  },

  'socket options are read with their length'(machine) {
    const { libc } = machine;
    const { SOL_SOCKET, SO_RCVBUF, SO_ERROR } = libc.constants;
    const [fd, end] = pair(machine);
    const value = new Int32Array(2);
    assert.is(libc.getsockopt(fd, SOL_SOCKET, SO_ERROR, value.buffer, 0, 8), 4);
    assert.is(libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, new Int32Array([20000]).buffer, 0, 4), 0);
    assert.is(libc.getsockopt(fd, SOL_SOCKET, SO_RCVBUF, value.buffer, 4, 4), 4);
    assert.equal([...value], [0, 40000]);
    libc.close(fd);
    libc.close(end);
  },
};
