import { execFileSync, spawnSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { Netlink } from '../../src/netlink/conn.ts';
import { addLink, deleteLink, deleteLinkGroup, type Link, setLink } from '../../src/netlink/link.ts';
import { openMachine } from '../../src/runtime/machine.ts';
import { node } from '../../src/runtime/node.ts';

// Whoever imports this runs in a network namespace that ends with the process, in which p0 and p1 are the ends of a cable.
if (process.env.NETLINK_TEST_NAMESPACE === undefined) {
  const env = { ...process.env, NETLINK_TEST_NAMESPACE: '1' };
  const argv = ['-n', process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status } = spawnSync('unshare', argv, { stdio: 'inherit', env });
  process.exit(status ?? 1);
}

export const GROUP = 28022;
export const bridge = { kind: 'macvlan', macvlan: { mode: 'bridge' } } as const;
export const machine = await openMachine(node);
const connections: Netlink[] = [];
export const netlink = connect();

export const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' });
export const ipJson = (...args: string[]): Record<string, unknown>[] => JSON.parse(ip('-j', ...args) || '[]');
export const macOf = (i: number) => `02:00:00:00:${hexByte(i >> 8)}:${hexByte(i & 255)}`;
const hexByte = (n: number) => n.toString(16).padStart(2, '0').toUpperCase();

ip('link', 'set', 'lo', 'up');
ip('link', 'add', 'p0', 'type', 'veth', 'peer', 'name', 'p1');
for (const name of ['p0', 'p1']) ip('link', 'set', name, 'up');

/** One more connection, which `closeAll` closes too: an open subscription would keep a failed test's process alive. */
export function connect(to = machine): Netlink {
  const connection = new Netlink(to);
  connections.push(connection);
  return connection;
}

export function closeAll(): void {
  for (const connection of connections.splice(0)) connection.close();
}

export function linkNamed(ifname: string): Link {
  const link = netlink.link({ ifname });
  assert.ok(link, `no link ${ifname}`);
  return link!;
}

/** A macvlan on p0, up. */
export function make(ifname: string): number {
  assert.equal(netlink.execute([addLink({ ifname, link: linkNamed('p0').index, up: true, linkinfo: bridge })]), [
    undefined,
  ]);
  return linkNamed(ifname).index;
}

export function remove(...indexes: number[]): void {
  const moves = indexes.map((index) => setLink({ index, group: GROUP }));
  const deletes = indexes.length > 1 ? deleteLinkGroup(GROUP) : deleteLink({ index: indexes[0]! });
  assert.equal(netlink.execute([...moves, deletes]).filter(Boolean), []);
}

/** So long that what was sent has been heard. */
export const quiet = () => new Promise((resolve) => setTimeout(resolve, 50));

export async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    assert.ok(waited < 3000, 'nothing came');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
