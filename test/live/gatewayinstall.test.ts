import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Lab, until } from '../../lab/lab.ts';

/** What lab/gateway.sh puts on a machine that is no OpenWrt, run from where it was put. */
const gateway = suite('installed on a gateway');
let lab: Lab;
let root: string;

gateway.before(() => {
  lab = new Lab('qjs');
  root = join(lab.folder, 'gateway');
  for (let twice = 0; twice < 2; twice++) execFileSync('bash', ['lab/gateway.sh', root]);
});
gateway.after(() => lab.close());

const unit = (name: string) => readFileSync(join(root, 'usr/lib/systemd/system', name), 'utf8');
const commandOf = (name: string) => /^ExecStart=(.*)$/m.exec(unit(name))![1]!.split(' ');
const inPlace = (path: string) => join(root, path);

gateway('broker, daemon and console run from there, with what lies beside them', async () => {
  const socket = join(lab.folder, 'there.sock');
  const [node, broker] = commandOf('macvlan-ubusd.service');
  assert.is(broker, '/usr/lib/macvlan/ubusd.mjs');
  lab.beside(lab.router, node!, inPlace(broker!), '-s', socket);
  await until('the broker', () => existsSync(socket));
  const [engine, script] = ['usr/lib/macvlan/qjs', 'usr/lib/macvlan/macvland.mjs'].map(inPlace) as [string, string];
  assert.match(readFileSync(inPlace('usr/sbin/macvland'), 'utf8'), /^exec \/usr\/lib\/macvlan\/qjs /m);
  lab.beside(lab.router, engine, script, '-s', socket, '-c', inPlace('etc/config'), '-r', join(lab.folder, 'there'));
  const typed = (...command: string[]) =>
    spawnSync(
      'ip',
      ['netns', 'exec', lab.router, engine, inPlace('usr/lib/macvlan/macvlan.mjs'), '-s', socket, ...command],
      {
        encoding: 'utf8',
      },
    );
  await until('the daemon', () => typed('status').status === 0);
  assert.equal(typed('/interface macvlan add interface=ether1 name=m1').stderr, '');
  assert.match(readFileSync(inPlace('etc/config/macvlan'), 'utf8'), /^# [\s\S]*option name 'm1'/m);
});

gateway.run();
