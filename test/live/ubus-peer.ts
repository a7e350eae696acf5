import { openMachine } from '../../src/runtime/machine.ts';
import { node } from '../../src/runtime/node.ts';
import { UbusClient } from '../../src/ubus/client.ts';
import { UbusError } from '../../src/ubus/pending.ts';

/** Run as somebody else: tries what its argument says on the bus and prints the statuses as JSON. */
const [socket = ''] = node.args;
const client = UbusClient.connect(await openMachine(node), socket);
await client.ready();

async function status(attempt: Promise<unknown>): Promise<number> {
  try {
    await attempt;
    return 0;
  } catch (error) {
    if (error instanceof UbusError) return error.status;
    throw error;
  }
}

const result = {
  seen: (await client.lookup()).map(({ path, methods }) => `${path}: ${Object.keys(methods)}`),
  whoami: await client.call('live.test', 'whoami').catch(() => undefined),
  echo: await status(client.call('live.test', 'echo')),
  send: await status(client.send('live.event')),
  sendOther: await status(client.send('other.event')),
  listen: await status(client.listen('live.*', () => {})),
  listenAll: await status(client.listen('*', () => {})),
};
client.publish({ path: 'nobody.object', methods: {} });
const published = await status(client.ready());
node.print(1, `${JSON.stringify({ ...result, published })}\n`);
node.exit(0);
