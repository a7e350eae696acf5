import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { macvlans } from '../bench/configs.ts';
import { Router } from './router.ts';

/** A thousand macvlans: what is counted here; what it takes is measured by the bench. */
const scale = suite('a thousand');
const MANY = 1000;
let router: Router;

scale.before(async () => {
  process.env.MACVLAN_DEBUG = '1';
  router = await Router.start('qjs', macvlans(MANY));
  delete process.env.MACVLAN_DEBUG;
});
scale.after(() => router.close());

/** The operations that the daemon has logged since the last call. */
let read = 0;
function operations(): string[] {
  const lines = router.lab.log('macvland').split('\n').slice(0, -1);
  const news = lines.slice(read);
  read = lines.length;
  return news.map((line) => line.replace('macvland: ', ''));
}

scale('come from a file, and are all listed, page by page', async () => {
  await until('all links', () => router.links().length === MANY, 30_000);
  const names = new Set<unknown>();
  for (let offset = 0; offset < MANY; ) {
    const { macvlan, total } = await router.call('macvlan', 'list', { offset });
    assert.is(total, MANY);
    const page = macvlan as { name: string; rx_byte: number }[];
    assert.ok(page.length > 0 && page.length <= 256);
    assert.ok(page.every(({ rx_byte }) => typeof rx_byte === 'number'));
    for (const { name } of page) names.add(name);
    offset += page.length;
  }
  assert.is(names.size, MANY);
});

scale('one of them changed: one operation on one link', async () => {
  operations();
  await router.call('macvlan', 'set', { name: 'm500', mtu: 1400 });
  assert.equal(operations(), ['set link m500 mtu 1400']);
  assert.is(router.links().find(({ ifname }) => ifname === 'm500')?.mtu, 1400);
});

scale('all of them go in group deletes of 200, for the kernel is deaf meanwhile', async () => {
  await router.call('macvlan', 'shutdown');
  assert.equal(router.links(), []);
  const deletes = operations().filter((line) => line.startsWith('delete link'));
  assert.equal(
    deletes.map((line) => line.replace(/links \w+ and/, 'links one and')),
    Array.from({ length: 5 }, () => 'delete links one and 199 more'),
  );
});

scale.run();
