import * as assert from 'uvu/assert';
import { run } from './children.ts';
import { type Rows, within } from './contract.ts';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export const signals: Rows = {
  async 'a signal to ourselves is heard, each by its own handler'(machine) {
    const { runtime, libc } = machine;
    for (const name of SIGNALS) {
      const heard = await within<string>(machine, 5000, name, (done) => {
        for (const other of SIGNALS) runtime.onSignal(other, () => done(other));
        assert.is(libc.kill(libc.getpid(), libc.constants[name]), 0);
      });
      assert.is(heard, name);
    }
  },

  async 'no signal of 300 is lost, however close to the wait it comes'(machine) {
    const { runtime, libc } = machine;
    for (let i = 0; i < 300; i++) {
      await within<void>(machine, 5000, `signal ${i}`, (done) => {
        runtime.onSignal('SIGHUP', done);
        // At different distances from the moment when the engine goes to sleep.
        if (i % 3 === 0) libc.kill(libc.getpid(), libc.constants.SIGHUP);
        else if (i % 3 === 1) Promise.resolve().then(() => libc.kill(libc.getpid(), libc.constants.SIGHUP));
        else runtime.setTimer(0, () => libc.kill(libc.getpid(), libc.constants.SIGHUP));
      });
    }
  },

  async 'a signal from another process is heard while nothing else happens'(machine) {
    const { runtime, libc } = machine;
    const argv = ['/bin/sh', '-c', `kill -TERM ${libc.getpid()}; sleep 0.2`];
    // One after the other: of two at once the kernel makes one.
    for (let i = 0; i < 5; i++) {
      const events: string[] = [];
      runtime.onSignal('SIGTERM', () => events.push('signal'));
      await run(machine, { argv }).then(() => events.push('end'));
      assert.equal(events, ['signal', 'end']);
    }
  },

  'without a terminal there is no raw mode, and 80 columns'({ runtime, libc }) {
    if (libc.isatty(0) === 0) assert.is(runtime.rawMode(true), false);
    if (libc.isatty(1) === 0) assert.is(runtime.columns(), 80);
  },
};
