import { main } from './daemon/main.ts';
import { node } from './runtime/node.ts';
import { start } from './runtime/start.ts';

start(main, node);
