import { main } from './daemon/main.ts';
import { quickjs } from './runtime/quickjs.ts';
import { start } from './runtime/start.ts';

start(main, quickjs);
