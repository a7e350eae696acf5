import type { MenuSyntax } from '../../src/routeros/table.ts';

const COMMANDS = (...properties: string[]): MenuSyntax['commands'] => [
  { name: 'add', properties },
  { name: 'set', properties: [...properties, 'numbers'], items: true },
  { name: 'remove', properties: ['numbers'], items: true },
  { name: 'enable', items: true },
  { name: 'find', where: true },
  {
    name: 'print',
    properties: ['proplist', 'interval'],
    switches: ['detail', 'terse', 'as-value', 'count-only'],
    items: true,
    where: true,
  },
  { name: 'export', switches: ['compact', 'terse', 'verbose'] },
];

/** Menus enough for every form of the language. */
export const MENUS: readonly MenuSyntax[] = [
  { path: '', commands: [{ name: 'export' }, { name: 'quit' }] },
  { path: 'interface', commands: [{ name: 'print', where: true }] },
  {
    path: 'interface macvlan',
    commands: COMMANDS('name', 'interface', 'mac-address', 'mode', 'mtu', 'comment', 'disabled'),
  },
  { path: 'interface pppoe-client', commands: COMMANDS('name', 'interface', 'user', 'password', 'comment') },
  { path: 'ip address', commands: COMMANDS('address', 'interface', 'network') },
  { path: 'ip dhcp-client', commands: COMMANDS('interface', 'comment', 'disabled') },
  { path: 'ip dhcp-server', commands: COMMANDS('name', 'interface') },
  { path: 'ip dhcp-server network', commands: COMMANDS('address', 'gateway') },
];
