import { viewOf } from '../ubus/blob.ts';
import {
  BLOBMSG_TYPE_INT32,
  BLOBMSG_TYPE_TABLE,
  UBUS_MSG_DATA,
  UBUS_STATUS_INVALID_ARGUMENT,
  UBUS_STATUS_INVALID_COMMAND,
  UBUS_STATUS_METHOD_NOT_FOUND,
  UBUS_STATUS_NOT_FOUND,
  UBUS_STATUS_OK,
  UBUS_STATUS_PERMISSION_DENIED,
  UBUS_SYSTEM_OBJECT_ACL,
  UBUS_SYSTEM_OBJECT_EVENT,
  UBUS_SYSTEM_OBJECT_MAX,
  UBUS_SYSTEM_OBJECT_MONITOR,
} from '../ubus/constants.ts';
import type { Broker, Request } from './broker.ts';
import { pick, pickText, readFields } from './fields.ts';

type SystemObject = (broker: Broker, request: Request, method: string) => number;

/** The objects that the broker serves itself, by id. They have no path, so anyone may call them. */
export const systemObjects: Readonly<Record<number, SystemObject>> = {
  [UBUS_SYSTEM_OBJECT_EVENT]: (broker, request, method) => {
    if (method === 'register') return register(broker, request);
    if (method === 'send') return send(broker, request);
    return UBUS_STATUS_INVALID_COMMAND;
  },
  [UBUS_SYSTEM_OBJECT_ACL]: (broker, request, method) =>
    method === 'query' ? queryAcl(broker, request) : UBUS_STATUS_INVALID_COMMAND,
  [UBUS_SYSTEM_OBJECT_MONITOR]: ({ outbox }, { client }, method) => {
    if (client.peer.uid !== 0 || client.peer.gid !== 0) return UBUS_STATUS_PERMISSION_DENIED;
    if (method === 'add') outbox.watch(client.id);
    else if (method === 'remove') outbox.unwatch(client.id);
    else return UBUS_STATUS_METHOD_NOT_FOUND;
    return UBUS_STATUS_OK;
  },
};

function register(broker: Broker, { client, attributes: { data } }: Request): number {
  const { fields } = readFields(data ?? new Uint8Array(0));
  const objectBytes = pick(fields, 'object', BLOBMSG_TYPE_INT32);
  const pattern = pickText(fields, 'pattern');
  if (!objectBytes || pattern === undefined) return UBUS_STATUS_INVALID_ARGUMENT;
  const id = viewOf(objectBytes).getUint32(0);
  if (id < UBUS_SYSTEM_OBJECT_MAX) return UBUS_STATUS_PERMISSION_DENIED;
  const object = broker.objects.get(id);
  if (!object) return UBUS_STATUS_NOT_FOUND;
  if (object.client !== client || pattern === '') return UBUS_STATUS_PERMISSION_DENIED;
  const partial = pattern.endsWith('*');
  const key = partial ? pattern.slice(0, -1) : pattern;
  if (!broker.acl.allows(client.peer, 'listen', key)) return UBUS_STATUS_PERMISSION_DENIED;
  broker.events.listen(object, key, partial);
  return UBUS_STATUS_OK;
}

function send(broker: Broker, { client, attributes: { data } }: Request): number {
  const { fields } = readFields(data ?? new Uint8Array(0));
  const event = pickText(fields, 'id');
  const content = pick(fields, 'data', BLOBMSG_TYPE_TABLE);
  if (event === undefined || !content) return UBUS_STATUS_INVALID_ARGUMENT;
  if (event.startsWith('ubus.') || !broker.acl.allows(client.peer, 'send', event)) return UBUS_STATUS_PERMISSION_DENIED;
  broker.events.send(client, event, content);
  return UBUS_STATUS_OK;
}

/** What the rules say beyond methods of the caller's own objects, for those who enforce it themselves. */
function queryAcl({ acl, aclSequence, outbox }: Broker, { client, message: { seq, peer } }: Request): number {
  const paths = client.objects.flatMap(({ path }) => (path === undefined ? [] : [path]));
  const data = { seq: aclSequence, acl: paths.flatMap((path) => acl.tables(path)) };
  outbox.send(client.id, UBUS_MSG_DATA, seq, peer, { objid: UBUS_SYSTEM_OBJECT_ACL, data });
  return UBUS_STATUS_OK;
}
