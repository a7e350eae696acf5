import * as daemon from '../../src/daemon/import.ts';
import { checked } from '../../src/menus/checks.ts';
import { edit } from '../../src/model/edit.ts';
import type { World } from '../../src/model/world.ts';
import type { Script } from '../../src/routeros/script.ts';
import { menus } from '../helpers/menus.ts';

/** A script against a world, as the daemon's `import` does it; `before` sees the world before each write. */
export function play(script: Script, world: World, before?: (world: World) => void): ReturnType<typeof daemon.play> {
  return daemon.play(script, world, menus, (write, menu, args, world) => {
    before?.(world);
    return edit(write, checked(menu), args, world);
  });
}
