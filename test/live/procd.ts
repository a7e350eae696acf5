import { openMachine } from '../../src/runtime/machine.ts';
import { node } from '../../src/runtime/node.ts';
import type { Table } from '../../src/ubus/blob.ts';
import { UbusClient } from '../../src/ubus/client.ts';
import { UBUS_STATUS_NOT_FOUND, UBUS_STATUS_OK } from '../../src/ubus/constants.ts';

/**
 * procd's `hotplug.net`, which tells nothing here, and its `service`, as far as services leave data there for others (procd service.c): `set_data` for one that runs,
 * `get_data` of one type from all, where what is a service's and no instance's stands under `*`. Run as a program:
 * `procd.ts SOCKET SERVICE…`.
 */
export function publishServices(client: UbusClient, services: readonly string[]): Map<string, Table> {
  const kept = new Map<string, Table>(services.map((name) => [name, {}]));
  client.publish({
    path: 'service',
    methods: {
      set_data: {
        args: { name: 'String', instance: 'String', data: 'Table' },
        call: (request) => {
          const { name, data } = request.args as { name: string; data: Table };
          if (kept.has(name)) kept.set(name, data);
          request.finish(kept.has(name) ? UBUS_STATUS_OK : UBUS_STATUS_NOT_FOUND);
        },
      },
      get_data: {
        args: { name: 'String', instance: 'String', type: 'String' },
        call: (request) => {
          const type = String(request.args.type);
          const having = [...kept].filter(([, data]) => data[type] !== undefined);
          request.reply(Object.fromEntries(having.map(([name, data]) => [name, { '*': { [type]: data[type]! } }])));
          request.finish(UBUS_STATUS_OK);
        },
      },
    },
  });
  // Whoever subscribes is told of links.
  client.publish({ path: 'hotplug.net', methods: {} });
  return kept;
}

if (node.args[0] !== undefined && /procd\.ts$/.test(process.argv[1] ?? ''))
  publishServices(UbusClient.connect(await openMachine(node), node.args[0]), node.args.slice(1));
