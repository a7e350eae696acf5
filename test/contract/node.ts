import { openMachine } from '../../src/runtime/machine.ts';
import { node } from '../../src/runtime/node.ts';
import { addRuntimeTests } from './machine.ts';

openMachine(node).then((machine) => addRuntimeTests(machine));
