/** The numbers of the ubus protocol under their own names (ubus: ubusmsg.h; libubox: blobmsg.h). */

export const UBUS_MSG_HELLO = 0;
export const UBUS_MSG_STATUS = 1;
export const UBUS_MSG_DATA = 2;
export const UBUS_MSG_PING = 3;
export const UBUS_MSG_LOOKUP = 4;
export const UBUS_MSG_INVOKE = 5;
export const UBUS_MSG_ADD_OBJECT = 6;
export const UBUS_MSG_REMOVE_OBJECT = 7;
export const UBUS_MSG_SUBSCRIBE = 8;
export const UBUS_MSG_UNSUBSCRIBE = 9;
export const UBUS_MSG_NOTIFY = 10;
export const UBUS_MSG_MONITOR = 11;

/** The most that the outer blob of a message may hold, its own header included. */
export const UBUS_MAX_MSGLEN = 1048576;

/** Objects that ubusd itself serves; every other object id is at least 1024. */
export const UBUS_SYSTEM_OBJECT_EVENT = 1;
export const UBUS_SYSTEM_OBJECT_ACL = 2;
export const UBUS_SYSTEM_OBJECT_MONITOR = 3;
export const UBUS_SYSTEM_OBJECT_MAX = 1024;

export const UBUS_STATUS_OK = 0;
export const UBUS_STATUS_INVALID_COMMAND = 1;
export const UBUS_STATUS_INVALID_ARGUMENT = 2;
export const UBUS_STATUS_METHOD_NOT_FOUND = 3;
export const UBUS_STATUS_NOT_FOUND = 4;
export const UBUS_STATUS_PERMISSION_DENIED = 6;
export const UBUS_STATUS_TIMEOUT = 7;
export const UBUS_STATUS_UNKNOWN_ERROR = 9;
export const UBUS_STATUS_CONNECTION_FAILED = 10;
export const UBUS_STATUS_PARSE_ERROR = 12;

/** What ubus_strerror() says, by status. */
const texts = [
  'Success',
  'Invalid command',
  'Invalid argument',
  'Method not found',
  'Not found',
  'No response',
  'Permission denied',
  'Request timed out',
  'Operation not supported',
  'Unknown error',
  'Connection failed',
  'Out of memory',
  'Parsing message data failed',
  'System error',
];

/** The sentence for a status, as the ubus command prints it. */
export function statusText(status: number): string {
  return texts[status] ?? `status ${status}`;
}

export const BLOBMSG_TYPE_UNSPEC = 0;
export const BLOBMSG_TYPE_ARRAY = 1;
export const BLOBMSG_TYPE_TABLE = 2;
export const BLOBMSG_TYPE_STRING = 3;
export const BLOBMSG_TYPE_INT64 = 4;
export const BLOBMSG_TYPE_INT32 = 5;
export const BLOBMSG_TYPE_INT16 = 6;
export const BLOBMSG_TYPE_INT8 = 7;
export const BLOBMSG_TYPE_DOUBLE = 8;
