import { appendFileSync } from 'node:fs';
import { openMachine } from '../../src/runtime/machine.ts';
import { node } from '../../src/runtime/node.ts';
import type { Table } from '../../src/ubus/blob.ts';
import { UbusClient } from '../../src/ubus/client.ts';
import { UbusError } from '../../src/ubus/pending.ts';

/**
 * OpenWrt's `ubus -t SECONDS call PATH METHOD MESSAGE`, which Debian does not have. Its first two arguments are the socket
 * and a file to which each call goes as a line of JSON, with the status that it came to.
 */
const [socket = '', journal = '', ...words] = node.args;
const [option, seconds, command, path = '', method = '', message = '{}'] = words;
if (option !== '-t' || command !== 'call' || words.length < 5 || words.length > 6)
  throw new Error(`not understood: ${words.join(' ')}`);

const args = JSON.parse(message) as Table;
const client = UbusClient.connect(await openMachine(node), socket);
await client.ready();
const status = await client.call(path, method, args, { timeoutMs: 1000 * Number(seconds) }).then(
  () => 0,
  (error) => (error instanceof UbusError ? error.status : -1),
);
appendFileSync(journal, `${JSON.stringify({ path, method, args, status })}\n`);
node.exit(status);
