import '../helpers/qjs-prelude.ts';
import * as assert from 'uvu/assert';
import { type Machine, openMachine } from '../../src/runtime/machine.ts';
import { quickjs } from '../../src/runtime/quickjs.ts';
import { addTests, type Gaps, type Rows } from './contract.ts';
import { addRuntimeTests } from './machine.ts';

/** qemu-user runs the program, but stands between it and the kernel. */
const NO_EXEC_ERROR = 'its vfork is a fork, so posix_spawn(3) of glibc does not see that execve failed';
const QEMU_USER: Gaps = {
  'a missing program is ENOENT, one that may not be run EACCES': NO_EXEC_ERROR,
  'a program without a slash is looked for in PATH': NO_EXEC_ERROR,
};

/** One binary fits every version of the engine only as long as it counts no references itself. */
const nativeModule: Rows = {
  'the native module uses no reference counting of the engine'({ files, runtime }: Machine) {
    const bytes = files.read(`${runtime.folder}/../qjs/libc.so`);
    const text = Array.from(bytes ?? [], (byte) => String.fromCharCode(byte)).join('');
    assert.match(text, 'JS_NewCFunction2');
    assert.not.match(text, /JS_FreeValue|JS_DupValue/);
  },
};

openMachine(quickjs).then((machine) => {
  addRuntimeTests(machine, quickjs.env('UNDER_QEMU') === undefined ? {} : QEMU_USER);
  addTests('native', nativeModule, machine, {});
});
