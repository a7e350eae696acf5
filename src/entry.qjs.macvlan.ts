import { main } from './console/main.ts';
import { quickjs } from './runtime/quickjs.ts';
import { start } from './runtime/start.ts';

start(main, quickjs);
