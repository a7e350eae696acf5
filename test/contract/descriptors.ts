import * as assert from 'uvu/assert';
import type { Machine } from '../../src/runtime/machine.ts';
import { pair, type Rows, sleep, within } from './contract.ts';

const BYTE = new Uint8Array([7]).buffer;

function writeByte({ libc }: Machine, fd: number): void {
  assert.is(libc.write(fd, BYTE, 0, 1), 1);
}

function readByte({ libc }: Machine, fd: number): number {
  return libc.read(fd, new ArrayBuffer(1), 0, 1);
}

function closeAll({ libc, poller }: Machine, fds: readonly number[]): void {
  for (const fd of fds) {
    poller.unwatch(fd);
    libc.close(fd);
  }
}

export const descriptors: Rows = {
  async 'each of 1,500 watched descriptors is heard'(machine) {
    const fds = Array.from({ length: 750 }, () => pair(machine)).flat();
    const heard = new Set<number>();
    await within<void>(machine, 20000, '1,500 descriptors', (done) => {
      for (const fd of fds) {
        machine.poller.watch(fd, () => {
          readByte(machine, fd);
          heard.add(fd);
          if (heard.size === fds.length) done();
        });
      }
      for (const fd of fds) writeByte(machine, fd);
    });
    assert.ok(Math.max(...fds) >= 1024, 'beyond what select(2) can hold');
    closeAll(machine, fds);
  },

  async 'a descriptor that is always ready does not starve another'(machine) {
    const [busy, busyEnd] = pair(machine);
    const [quiet, quietEnd] = pair(machine);
    let runs = 0;
    let runsBefore = 0;
    writeByte(machine, busyEnd);
    await within<void>(machine, 5000, 'the quiet descriptor', (done) => {
      machine.poller.watch(busy, () => {
        runs++;
        if (runs !== 50) return;
        runsBefore = runs;
        writeByte(machine, quietEnd);
      });
      machine.poller.watch(quiet, () => {
        readByte(machine, quiet);
        done();
      });
    });
    assert.ok(runs - runsBefore < 10, `${runs - runsBefore} runs of the busy one in between`);
    closeAll(machine, [busy, busyEnd, quiet, quietEnd]);
  },

  async 'what is no longer watched is not heard, and may be watched again'(machine) {
    const [fd, end] = pair(machine);
    let heard = 0;
    machine.poller.watch(fd, () => heard++);
    machine.poller.unwatch(fd);
    writeByte(machine, end);
    await sleep(machine, 20);
    assert.is(heard, 0);
    await within<void>(machine, 5000, 'the byte from before', (done) => {
      machine.poller.watch(fd, () => {
        machine.poller.unwatch(fd);
        done();
      });
    });
    closeAll(machine, [fd, end]);
  },

  async 'EPOLLOUT is heard, and the end of the other side is EPOLLHUP'(machine) {
    const { EPOLLOUT, EPOLLIN, EPOLLHUP } = machine.libc.constants;
    const [fd, end] = pair(machine);
    const events = await within<number>(machine, 5000, 'EPOLLOUT', (done) =>
      machine.poller.watch(fd, done, EPOLLIN | EPOLLOUT),
    );
    assert.is(events, EPOLLOUT);
    const ended = await within<number>(machine, 5000, 'EPOLLHUP', (done) => {
      machine.poller.watch(fd, done, EPOLLIN);
      machine.libc.close(end);
    });
    assert.is(ended & EPOLLHUP, EPOLLHUP);
    closeAll(machine, [fd]);
  },

  'a regular file cannot be watched'(machine) {
    const fd = machine.libc.open('/etc/passwd', machine.libc.constants.O_RDONLY, 0);
    assert.throws(() => machine.poller.watch(fd, () => undefined), /epoll_ctl/);
    machine.libc.close(fd);
  },

  async 'timers come in time and in order, and a cleared one not at all'(machine) {
    const { runtime, libc } = machine;
    const start = libc.uptime();
    const order: number[] = [];
    runtime.clearTimer(runtime.setTimer(5, () => order.push(5)));
    for (const ms of [60, 20, 40]) runtime.setTimer(ms, () => order.push(ms));
    await sleep(machine, 100);
    assert.equal(order, [20, 40, 60]);
    assert.ok(libc.uptime() - start >= 99);
  },

  'uptime is what /proc/uptime says'(machine) {
    const seconds = Number(machine.files.readText('/proc/uptime')?.split(' ')[0]);
    assert.ok(Math.abs(machine.libc.uptime() / 1000 - seconds) < 1);
  },
};
