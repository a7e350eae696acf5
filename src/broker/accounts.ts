import type { Machine } from '../runtime/machine.ts';
import type { Accounts, Peer } from './acl.ts';
import { binary } from './binary.ts';

/** As many supplementary groups as ubusd looks at (UBUS_CLIENT_MAX_EXTRA_GID). */
const maxGroups = 64;

/** The users and groups of this machine, in binary text. */
export function readAccounts({ files }: Machine): Accounts {
  return { uids: parse(files.read('/etc/passwd')), gids: parse(files.read('/etc/group')) };
}

/** passwd(5) and group(5) both have the name first and the id third. */
function parse(bytes: Uint8Array | undefined): Map<string, number> {
  const ids = new Map<string, number>();
  for (const line of binary.decode(bytes ?? new Uint8Array(0)).split('\n')) {
    const [name, , id] = line.split(':');
    if (name && id && /^\d+$/.test(id) && !ids.has(name)) ids.set(name, Number(id));
  }
  return ids;
}

/** Who is connected, or undefined where the user or the group has no name: those are turned away. */
export function identify(machine: Machine, fd: number): Peer | undefined {
  const { pid, uid, gid } = machine.sockets.peer(fd);
  const { uids, gids } = readAccounts(machine);
  const user = nameOf(uids, uid);
  const group = nameOf(gids, gid);
  if (user === undefined || group === undefined) return undefined;
  return { uid, gid, groups: groupsIn(machine.files.readText(`/proc/${pid}/status`) ?? ''), user, group };
}

function nameOf(ids: ReadonlyMap<string, number>, wanted: number): string | undefined {
  for (const [name, id] of ids) if (id === wanted) return name;
  return undefined;
}

/** proc(5): `Groups:	4 24 27`. */
function groupsIn(status: string): number[] {
  const numbers = /^Groups:(.*)$/m.exec(status)?.[1]?.match(/\d+/g) ?? [];
  return numbers.slice(0, maxGroups).map(Number);
}
