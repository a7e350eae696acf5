import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RuntimeName } from '../../lab/lab.ts';
import { Router } from './router.ts';

const TWO = `config macvlan macvlan_1
	option interface ether1
	option mac_address 02:00:5E:10:00:01

config dhcp_client
	option interface macvlan_1
	option comment 'the second'
`;
const SCRIPT = `/interface macvlan
add interface=ether1 mac-address=02:00:5E:10:00:01 name=macvlan_1
/ip dhcp-client
add comment="the second" interface=macvlan_1
`;

/** What is loaded later is found from wherever the daemon was started, and however it was called. */
function places(runtime: RuntimeName): void {
  const test = suite(`the second file of the daemon under ${runtime}`);
  const folder = resolve(`dist/${runtime}`);
  const engine =
    runtime === 'node'
      ? process.execPath
      : `${process.env.XDG_CACHE_HOME ?? `${process.env.HOME}/.cache`}/openwrt-macvlan/qjs`;
  let router: Router;
  let daemon: ChildProcess | undefined;

  test.before(async () => {
    router = await Router.start(runtime, TWO);
    await router.lab.stopDaemon('SIGTERM');
  });
  test.after(() => {
    daemon?.kill();
    router.close();
  });
  const CALLS: [title: string, cwd: string, path: string][] = [
    ['its absolute path', '/', `${folder}/macvland.mjs`],
    ['a relative path', resolve('.'), `dist/${runtime}/macvland.mjs`],
    ['a relative path with a dot', dirname(folder), `./${runtime}/macvland.mjs`],
    ['its bare name', folder, 'macvland.mjs'],
    ['a path that goes up', resolve('src/console'), `../../dist/${runtime}/macvland.mjs`],
  ];
  for (const [title, cwd, path] of CALLS) {
    test(`is found by ${title}`, async () => {
      const { socket, config, run } = router.lab;
      const args = [engine, path, '-s', socket, '-c', config, '-r', run];
      daemon = spawn('ip', ['netns', 'exec', router.lab.router, ...args], { cwd, stdio: 'ignore' });
      await router.served();
      const { script } = await router.call('macvlan', 'export');
      assert.is(String(script).replace(/^#.*\n/, ''), SCRIPT);
      await router.lab.stop(daemon, 'SIGTERM');
    });
  }
  test.run();
}

for (const runtime of ['node', 'qjs'] as const) places(runtime);
