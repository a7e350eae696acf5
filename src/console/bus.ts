import type { Machine } from '../runtime/machine.ts';
import { UbusClient } from '../ubus/client.ts';
import { UBUS_STATUS_CONNECTION_FAILED, UBUS_STATUS_NOT_FOUND } from '../ubus/constants.ts';
import { UbusError } from '../ubus/pending.ts';
import type { Answer, Bus } from './session.ts';

/** A connection made when it is first needed: a script's grammar is told without a daemon. */
export function openBus(machine: Machine, socket: string): Bus {
  let client: UbusClient | undefined;
  let lost = `no ubus at ${socket}; is ubusd running?`;
  return {
    async call(object, method, args) {
      client ??= UbusClient.connect(machine, socket, { watch: true });
      try {
        await client.ready();
        lost = 'macvland went away; what was not answered may not have been done';
        return { data: await client.call(object, method, args) };
      } catch (error) {
        if (!(error instanceof UbusError)) throw error;
        return refusal(error, lost, object);
      }
    },
  };
}

function refusal(error: UbusError, lost: string, object: string): Answer {
  const { error: text, property, line, column } = error.data ?? {};
  if (typeof text === 'string')
    return {
      error: text,
      ...(typeof property === 'string' && { property }),
      ...(typeof line === 'number' && typeof column === 'number' && { line, column }),
    };
  if (error.status === UBUS_STATUS_CONNECTION_FAILED) return { error: lost };
  if (error.status === UBUS_STATUS_NOT_FOUND)
    return { error: `no object ${object} on ubus; start macvland (/etc/init.d/macvlan start)` };
  return { error: error.message };
}
