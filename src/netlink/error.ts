/**
 * The only error of this library: a request that the kernel refused, or bytes that are no netlink.
 * `errno` is the host's number and `code` its name (`EADDRINUSE`) where known; both are empty for malformed bytes.
 * `text` is the kernel's own sentence (extended ack), `offset` the byte of the message it is about.
 */
export class NetlinkError extends Error {
  constructor(
    readonly attempted: string,
    readonly errno: number,
    readonly code: string | undefined,
    readonly text: string | undefined,
    readonly offset: number | undefined,
    fallback = 'failed',
  ) {
    super(`${attempted}: ${text ?? fallback}`);
    this.name = 'NetlinkError';
  }
}

/** For bytes that cannot be read; `offset` counts from the start of the packet. */
export function malformed(text: string, offset: number): NetlinkError {
  return new NetlinkError('read netlink', 0, undefined, text, offset);
}

/** For a value that has no wire form, such as an address that is none. */
export function unwritable(text: string): NetlinkError {
  return new NetlinkError('write netlink', 0, undefined, text, undefined);
}
