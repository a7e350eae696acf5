import * as assert from 'uvu/assert';
import { toHex } from '../../src/bytes/hex.ts';
import type { OsError } from '../../src/runtime/errors.ts';
import { Files } from '../../src/runtime/files.ts';
import type { Libc } from '../../src/runtime/runtime.ts';
import { run } from './children.ts';
import { inDirectory, type Rows, within } from './contract.ts';

export const files: Rows = {
  'what is not there is undefined, empty or fine'({ files }) {
    assert.is(files.read('/no/such/file'), undefined);
    assert.is(files.readText('/etc/passwd/x'), undefined);
    assert.is(files.stat('/no/such/file'), undefined);
    assert.equal(files.list('/no/such/directory'), []);
    files.remove('/no/such/file');
  },

  'files of /proc and /sys are read whole'({ files, libc }) {
    assert.match(files.readText('/proc/self/status') ?? '', new RegExp(`^Pid:\\t${libc.getpid()}$`, 'm'));
    assert.is(files.readText('/sys/class/net/lo/address'), '00:00:00:00:00:00\n');
    assert.ok((files.read('/proc/kallsyms')?.length ?? 0) > 100000);
  },

  'a file is written, replaced and described': (machine) =>
    inDirectory(machine, (folder) => {
      const { files, libc } = machine;
      const path = `${folder}/file`;
      files.replace(path, 'first', 0o640);
      const bytes = Uint8Array.from({ length: 70000 }, (_, i) => i & 0xff);
      files.replace(path, bytes.subarray(3), 0o600);
      assert.is(toHex(files.read(path)!), toHex(bytes.subarray(3)));
      const { mode, size, mtime, uid } = files.stat(path)!;
      assert.equal([mode.toString(8), size, uid], ['100600', 69997, libc.getuid()]);
      assert.ok(Math.abs(mtime - machine.runtime.wallClock() / 1000) < 10);
      assert.equal(files.list(folder), ['file']);
    }),

  'a write that fails leaves the old content and nothing else': (machine) =>
    inDirectory(machine, (folder) => {
      const { libc, files } = machine;
      const path = `${folder}/file`;
      files.replace(path, 'old', 0o600);
      for (const call of ['write', 'fsync', 'rename', 'fchmod'] as const) {
        const failing = { ...libc, [call]: () => -libc.constants.ENOSPC } as Libc;
        const message = assertError(() => new Files(failing).replace(path, 'new', 0o600));
        assert.match(message, `${libc.strerror(libc.constants.ENOSPC)}`);
        assert.is(files.readText(path), 'old', call);
        assert.equal(files.list(folder), ['file'], call);
      }
    }),

  'directories are made with their parents and listed in full': (machine) =>
    inDirectory(machine, (folder) => {
      const { files } = machine;
      files.makeDirectory(`${folder}/a/b`, 0o700);
      files.makeDirectory(`${folder}/a/b`, 0o755);
      assert.is(files.stat(`${folder}/a/b`)?.mode.toString(8), '40700');
      const names = Array.from({ length: 300 }, (_, i) => `name-that-is-rather-long-${1000 + i}`);
      for (const name of names) files.replace(`${folder}/a/b/${name}`, '', 0o600);
      assert.equal(files.list(`${folder}/a/b`), names);
      for (const name of names) files.remove(`${folder}/a/b/${name}`);
      files.remove(`${folder}/a/b`);
      files.replace(`${folder}/file`, '', 0o600);
      assert.throws(() => files.makeDirectory(`${folder}/file`, 0o700), /File exists/);
      assert.throws(() => files.makeDirectory(`${folder}/file/below`, 0o700), /Not a directory/);
    }),

  'two files change places': (machine) =>
    inDirectory(machine, (folder) => {
      const { files, libc } = machine;
      files.replace(`${folder}/a`, 'A', 0o600);
      files.replace(`${folder}/b`, 'B', 0o600);
      assert.is(libc.exchange(`${folder}/a`, `${folder}/b`), 0);
      assert.equal([files.readText(`${folder}/a`), files.readText(`${folder}/b`)], ['B', 'A']);
      assert.is(libc.exchange(`${folder}/a`, `${folder}/c`), -libc.constants.ENOENT);
    }),

  'a lock keeps another process out while it is held': (machine) =>
    inDirectory(machine, async (folder) => {
      const { libc } = machine;
      const { O_RDWR, O_CREAT, LOCK_EX, LOCK_NB, LOCK_UN } = libc.constants;
      const fd = libc.open(`${folder}/lock`, O_RDWR | O_CREAT, 0o600);
      const other = { argv: ['/bin/flock', '-n', `${folder}/lock`, '/bin/true'] };
      assert.is(libc.flock(fd, LOCK_EX | LOCK_NB), 0);
      assert.equal(await run(machine, other), { code: 1 });
      assert.is(libc.flock(fd, LOCK_UN), 0);
      assert.equal(await run(machine, other), { code: 0 });
      libc.close(fd);
    }),

  'a child that holds its FIFO open for both outlives its reader': (machine) =>
    inDirectory(machine, async (folder) => {
      const { libc, poller } = machine;
      const { O_RDWR, O_NONBLOCK } = libc.constants;
      assert.is(libc.mkfifo(`${folder}/log`, 0o600), 0);
      const fd = libc.open(`${folder}/log`, O_RDWR | O_NONBLOCK, 0);
      const line = new ArrayBuffer(64);
      await within<void>(machine, 5000, 'a line', (done) => {
        poller.watch(fd, () => done());
        machine.processes.onExit(
          machine.processes.spawn({ argv: ['/bin/echo', 'one'], env: {}, stdout: fd }),
          () => undefined,
        );
      });
      assert.is(libc.read(fd, line, 0, 64), 4);
      poller.unwatch(fd);
      const exit = run(machine, { argv: ['/bin/sh', '-c', 'sleep 0.1; echo two && exit 7'], stdout: fd });
      libc.close(fd);
      assert.equal(await exit, { code: 7 });
    }),

  'inotify tells what was moved into a directory': (machine) =>
    inDirectory(machine, async (folder) => {
      const { libc, poller, files } = machine;
      const fd = libc.inotifyInit();
      assert.ok(libc.inotifyAdd(fd, folder, libc.constants.IN_MOVED_TO) > 0);
      assert.is(libc.inotifyAdd(fd, `${folder}/none`, libc.constants.IN_MOVED_TO), -libc.constants.ENOENT);
      const event = new ArrayBuffer(512);
      const got = await within<number>(machine, 5000, 'an event', (done) => {
        poller.watch(fd, () => done(libc.read(fd, event, 0, 512)));
        files.replace(`${folder}/lease`, 'x', 0o600);
      });
      // struct inotify_event: watch, mask, cookie, length of the name and its padding, name.
      const [, mask, , length] = new Uint32Array(event);
      assert.equal([got, mask], [16 + length!, libc.constants.IN_MOVED_TO]);
      assert.is(String.fromCharCode(...new Uint8Array(event, 16, 6)), 'lease\0');
      poller.unwatch(fd);
      libc.close(fd);
    }),
};

function assertError(fn: () => void): string {
  try {
    fn();
    return '';
  } catch (error) {
    return (error as OsError).message;
  }
}
