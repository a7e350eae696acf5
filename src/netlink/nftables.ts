import type { Machine } from '../runtime/machine.ts';
import { body, struct, table, type ValueOf } from './attrs.ts';
import * as c from './constants.ts';
import { type Listener, listen } from './listen.ts';
import { question, type Request } from './request.ts';
import { padding, type Type, text, u8 } from './scalars.ts';
import { NetlinkSocket, orNothing, unlessRefused } from './socket.ts';

/** struct nfgenmsg. `family` is NFPROTO_*. */
const nfgenmsg = struct({ family: u8, _version: padding(1), _resId: padding(2) });

// libnftnl, udata.h: what user space keeps at a table is a row of type, length and value, a byte each of the first two.
const NFTNL_UDATA_TABLE_COMMENT = 0;

/** The comment in NFTA_TABLE_USERDATA; what else is there, or is no such row, is passed over: it is not the kernel's. */
const comment: Type<string | undefined> = {
  size: 0,
  decode(input, at, end) {
    for (let next = at; next + 2 <= end; next += 2 + input.bytes[next + 1]!) {
      const value = next + 2 + input.bytes[next + 1]!;
      if (input.bytes[next] === NFTNL_UDATA_TABLE_COMMENT && value <= end) return text.decode(input, next + 2, value);
    }
    return undefined;
  },
  encode(output, value) {
    const at = output.take(2);
    text.encode(output, value ?? '');
    output.view.setUint8(at, NFTNL_UDATA_TABLE_COMMENT);
    output.view.setUint8(at + 1, output.length - at - 2);
  },
};

export const nftTable = body(
  nfgenmsg,
  table({ name: [c.NFTA_TABLE_NAME, text, ''], comment: [c.NFTA_TABLE_USERDATA, comment] }),
);

/** `table arp macvlan { comment "…" }`. The kernel keeps the comment that a table was made with. */
export type NftTable = ValueOf<typeof nftTable>;

const message = (type: number): number => (c.NFNL_SUBSYS_NFTABLES << 8) | type;

/** The question for a dump of all families. */
export function getTables(): Request {
  return question('list nftables', message(c.NFT_MSG_GETTABLE), nftTable, {});
}

/**
 * The tables of nf_tables in the namespace. Where there is no nf_tables (a kernel without it, qemu-user) there are none.
 * The socket is opened when it is first needed, and tried again as long as it is refused, for the module may come later.
 */
export class Nftables {
  readonly #machine: Machine;
  #socket: NetlinkSocket | undefined;
  #listener: Listener | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Of all families. */
  tables(): NftTable[] {
    this.#socket ??= unlessRefused(() => new NetlinkSocket(this.#machine, c.NETLINK_NETFILTER));
    // EINVAL: nfnetlink is there and nf_tables is not (net/netfilter/nfnetlink.c, nfnetlink_rcv_msg).
    return orNothing(['EINVAL'], () => this.#socket?.dump(getTables(), nftTable) ?? []);
  }

  /** Tells that a table came or went, by us too. Sets and rules that change within a table are not told. */
  subscribe(onChange: () => void): void {
    this.unsubscribe();
    this.#listener = unlessRefused(() =>
      listen(this.#machine, c.NETLINK_NETFILTER, [c.NFNLGRP_NFTABLES], (read) => {
        let changed = false;
        const overrun = read((_, { type }) => {
          changed ||= type === message(c.NFT_MSG_NEWTABLE) || type === message(c.NFT_MSG_DELTABLE);
        });
        if (changed || overrun) onChange();
      }),
    );
  }

  unsubscribe(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  close(): void {
    this.unsubscribe();
    this.#socket?.close();
    this.#socket = undefined;
  }
}
