import type { Answer, Bus, SessionOptions } from '../../src/console/session.ts';
import { descriptions, views } from '../../src/menus/descriptions.ts';
import type { MenuDescription } from '../../src/model/menu.ts';
import { oneOf } from '../../src/model/types.ts';
import type { Table } from '../../src/ubus/blob.ts';

/** An item as `list` answers it. */
export type Row = Record<string, string | number | boolean>;

/** A daemon in a few lines: it has items, changes those it is told to, refuses what it is told to refuse, and notes it all. */
export class FakeRouter implements Bus {
  readonly calls: string[] = [];
  refuse: Answer | undefined;
  /** What other methods answer, by `object method`. */
  readonly answers: Record<string, Table> = {};
  /** Called after each `list`, as if time went by. */
  onList: (() => void) | undefined;

  constructor(readonly items: Record<string, Row[]>) {}

  async call(object: string, method: string, args: Table): Promise<Answer> {
    if (method === 'list') return this.#list(object.replace('macvlan.', ''), Number(args.offset ?? 0));
    this.calls.push(`${object} ${method} ${JSON.stringify(args)}`);
    if (this.refuse) return this.refuse;
    return {
      data: this.answers[`${object} ${method}`] ?? (method === 'add' ? { id: `macvlan_${this.calls.length}` } : {}),
    };
  }

  /** Two at a time, so that a longer list needs several calls. */
  #list(type: string, offset: number): Answer {
    const all = this.items[type] ?? [];
    const part = all.slice(offset, offset + 2).map((item) => ({ ...item }));
    if (offset + 2 >= all.length) this.onList?.();
    return { data: { [type]: part, total: all.length } };
  }
}

/** The menus that there are, the first with counters and with methods that come later. */
export const MENUS: readonly MenuDescription[] = [...descriptions, ...views].map((menu) => {
  if (menu.type !== 'macvlan') return menu;
  const counters = ['rx', 'tx'].flatMap((way) => ['byte', 'packet', 'drop', 'error'].map((what) => `${way}_${what}`));
  const { name, interface: parent, mode, mac_address, mtu, ifname, comment, disabled } = menu.properties;
  const fixed = {
    name,
    interface: parent,
    mode: { ...mode!, type: oneOf('bridge', 'private') },
    mac_address,
    mtu,
    ifname,
    comment,
    disabled,
  };
  return {
    ...menu,
    // Those that a test can rely on: there will be more.
    properties: fixed as typeof menu.properties,
    methods: [...new Set([...menu.methods, 'diagnose', 'reset_counters', 'scan'])],
    readOnly: {
      ...menu.readOnly,
      ...Object.fromEntries(counters.map((name) => [name, { kind: 'number' as const, help: 'a counter' }])),
    },
  };
});

/** A session whose pauses are over at once, with files that are a record. */
export function sessionOptions(
  bus: Bus,
  write: (text: string) => void,
  files: Record<string, string> = {},
): SessionOptions {
  return {
    bus,
    menus: MENUS,
    width: () => 80,
    write,
    pause: async () => false,
    readFile: (path) => files[path],
    writeFile: (path, text) => {
      if (path.startsWith('/no/')) throw new Error(`open ${path}: No such file or directory`);
      files[path] = text;
    },
  };
}
