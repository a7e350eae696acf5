import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Poller } from '../../src/runtime/poller.ts';
import type { Libc, Runtime } from '../../src/runtime/runtime.ts';

const test = suite('runtime/poller');

/** An epoll of which the test says what is ready, and the calls made to it. */
function fake() {
  const calls: string[] = [];
  let ready: number[] = [];
  let take: (() => void) | undefined;
  const libc = {
    constants: { EPOLLIN: 1, EPOLLOUT: 4 },
    strerror: (errno: number) => `errno ${errno}`,
    epollCreate: () => 3,
    epollSet(_epfd: number, fd: number, events: number, known: boolean) {
      if (fd === 99) return -1;
      calls.push(`${events === 0 ? 'remove' : known ? 'change' : 'add'} ${fd} ${events}`);
      return 0;
    },
    epollTake(_epfd: number, out: ArrayBuffer) {
      new Int32Array(out).set(ready.flatMap((fd) => [fd, 1]));
      return ready.length;
    },
  } as unknown as Libc;
  const runtime = {
    onReadable(fd: number, fn?: () => void) {
      calls.push(`${fn ? 'wait' : 'rest'} ${fd}`);
      take = fn;
    },
  } as unknown as Runtime;
  const wake = (...fds: number[]) => {
    ready = fds;
    take?.();
  };
  return { poller: new Poller(runtime, libc), calls, wake };
}

test('the engine waits from the first descriptor to the last', () => {
  const { poller, calls } = fake();
  poller.watch(10, () => undefined);
  poller.watch(11, () => undefined, 5);
  poller.watch(11, () => undefined);
  poller.unwatch(10);
  poller.unwatch(11);
  poller.unwatch(11);
  assert.equal(calls, ['add 10 1', 'wait 3', 'add 11 5', 'change 11 1', 'remove 10 0', 'remove 11 0', 'rest 3']);
});

test('each ready descriptor is heard once, in order', () => {
  const { poller, wake } = fake();
  const heard: string[] = [];
  for (const fd of [10, 11, 12]) poller.watch(fd, (events) => heard.push(`${fd}:${events}`));
  wake(12, 10);
  assert.equal(heard, ['12:1', '10:1']);
});

test('one that an earlier handler took off is not heard any more', () => {
  const { poller, wake } = fake();
  const heard: number[] = [];
  poller.watch(10, () => {
    heard.push(10);
    poller.unwatch(11);
  });
  poller.watch(11, () => heard.push(11));
  wake(10, 11);
  assert.equal(heard, [10]);
});

test('a take within a take does not disturb the outer one', () => {
  const { poller, wake } = fake();
  const heard: number[] = [];
  poller.watch(10, () => {
    heard.push(10);
    if (heard.length === 1) wake(12, 12, 12);
  });
  poller.watch(11, () => heard.push(11));
  poller.watch(12, () => heard.push(12));
  wake(10, 11);
  assert.equal(heard, [10, 12, 12, 12, 11]);
});

test('a descriptor that cannot be watched is refused and not remembered', () => {
  const { poller, calls } = fake();
  assert.throws(() => poller.watch(99, () => undefined), 'epoll_ctl 99: errno 1');
  poller.unwatch(99);
  assert.equal(calls, []);
});

test.run();
