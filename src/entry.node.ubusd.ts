import { main } from './broker/main.ts';
import { node } from './runtime/node.ts';
import { start } from './runtime/start.ts';

start(main, node);
