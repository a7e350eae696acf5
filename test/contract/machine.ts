import type { Machine } from '../../src/runtime/machine.ts';
import { callArguments } from './arguments.ts';
import { children } from './children.ts';
import { addTests, type Gaps } from './contract.ts';
import { descriptors } from './descriptors.ts';
import { files } from './files.ts';
import { signals } from './signals.ts';
import { sockets } from './sockets.ts';

/** What every runtime has to pass. `gaps` are tests that its surroundings, not it itself, make impossible. */
export function addRuntimeTests(machine: Machine, gaps: Gaps = {}): void {
  for (const [name, rows] of Object.entries({
    arguments: callArguments,
    descriptors,
    children,
    signals,
    files,
    sockets,
  })) {
    addTests(name, rows, machine, gaps);
  }
}
