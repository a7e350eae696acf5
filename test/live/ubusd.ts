import { main } from '../../src/broker/main.ts';
import { node } from '../../src/runtime/node.ts';

await main(node);
