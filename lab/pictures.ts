import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { Router } from '../test/live/router.ts';
import { Web } from './web.ts';

/**
 * The pictures of the README: `npx tsx lab/pictures.ts`, with MACVLAN_LUCI as CONTRIBUTING.md has it, so that they look as on a
 * router.
 */
const FOLDER = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const CONFIG = `
config macvlan 'macvlan1'
	option interface 'ether1'
	option comment 'first line'

config macvlan 'macvlan2'
	option interface 'ether1'
	option comment 'second line'

config macvlan 'macvlan3'
	option interface 'ether1'

config macvlan 'macvlan4'
	option interface 'ether2'

config dhcp_client 'one'
	option interface 'macvlan1'

config dhcp_client 'two'
	option interface 'macvlan2'

config address 'three'
	option interface 'macvlan3'
	option address '198.51.100.20/24'
	option gateway '198.51.100.1'
`;

const router = await Router.start('qjs', CONFIG);
await router.bound(2);
const web = new Web(router.machine, router.bus, router.lab.config);
const address = await web.listen();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const [name, width, height] of [
  ['lines', 1280, 720],
  ['telephone', 390, 844],
] as const) {
  const page = await browser.newPage({ viewport: { width, height }, isMobile: width < 600 });
  await page.goto(`${address}admin/network/macvlan/overview`);
  await page.locator('tr[data-key]').first().waitFor();
  // Rates take two looks.
  await page.waitForTimeout(3000);
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
}
await browser.close();
web.close();
router.close();
process.exit(0);
