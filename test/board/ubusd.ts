import { main } from '../../src/broker/main.ts';
import { quickjs } from '../../src/runtime/quickjs.ts';
import { start } from '../../src/runtime/start.ts';

/** The broker where there is no other: an emulated router has an engine and our packages. */
start(main, quickjs);
