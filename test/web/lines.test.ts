/// <reference lib="dom" />
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../lab/lab.ts';
import { Web } from '../../lab/web.ts';
import { descriptions } from '../../src/menus/descriptions.ts';
import { Router } from '../live/router.ts';

const CHROMIUM = '/usr/bin/chromium';
const CONFIG = `
config macvlan 'macvlan1'
	option interface 'ether1'
	option comment '<b>one</b>'

config macvlan 'macvlan2'
	option interface 'ether1'

config macvlan 'away'
	option interface 'ether9'

config dhcp_client 'first'
	option interface 'macvlan1'

config address 'second'
	option interface 'macvlan2'
	option address '198.51.100.20/24'
`;

const pages = suite('the pages of luci-app-macvlan, in a browser');
let router: Router;
let web: Web;
let browser: Browser;
let page: Page;
let address: string;

pages.before(async () => {
  if (!existsSync(CHROMIUM)) throw new Error(`no ${CHROMIUM}: run lab/setup.sh --with-web`);
  router = await Router.start('qjs', CONFIG);
  await router.bound(1);
  web = new Web(router.machine, router.bus, router.lab.config);
  address = await web.listen();
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  page = await open('admin/network/macvlan/overview');
});
pages.after(async () => {
  await browser?.close();
  web?.close();
  router?.close();
});

async function open(path: string, { user = 'root', width = 1280, lang = 'en' } = {}): Promise<Page> {
  const opened = await browser.newPage({ viewport: { width, height: 800 } });
  opened.setDefaultTimeout(15_000);
  await opened.goto(`${address}${path}?user=${user}&lang=${lang}`);
  return opened;
}

/** A module for LuCI's status page. */
interface Block {
  load(): Promise<unknown>;
  render(data: unknown): unknown;
}

const row = (key: string, on = page) => on.locator(`tr[data-key="${key}"]`);
const button = (key: string, action: string, on = page) => row(key, on).locator(`button[data-action="${action}"]`);
const textOf = async (key: string) => (await row(key).textContent()) ?? '';
const state = async (key: string) => (await row(key).locator('.label').textContent()) ?? '';

/** What a page gets when it calls by itself. */
async function rpc(session: string, object: string, method: string, args = {}): Promise<Record<string, unknown>> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'call', params: [session, object, method, args] });
  const response = await fetch(`${address}ubus/`, { method: 'POST', body });
  return (await response.json()) as Record<string, unknown>;
}

pages('each macvlan has a row, and under it what is on it', async () => {
  await row('macvlan macvlan1').waitFor();
  const keys = await page
    .locator('tr[data-key]')
    .evaluateAll((rows) => rows.map((one) => one.getAttribute('data-key')));
  assert.equal(keys, ['macvlan macvlan1', 'dhcp_client first', 'macvlan macvlan2', 'address second', 'macvlan away']);
  assert.is(await state('macvlan macvlan1'), 'running');
  assert.is(await state('dhcp_client first'), 'bound');
  const [client] = await router.list('dhcp_client');
  const text = await textOf('dhcp_client first');
  assert.ok(text.includes(String(client!.address)), text);
  assert.match(text, /Lease: \d/);
  // What is wrong is said as the daemon says it.
  assert.match(await textOf('macvlan away'), /parent ether9 does not exist; it is waited for/);
});

pages('what others wrote is text, and no markup', async () => {
  assert.match(await textOf('macvlan macvlan1'), /<b>one<\/b>/);
  assert.is(await row('macvlan macvlan1').locator('b').count(), 0);
});

pages('the page follows in place: rows stay, and so does an open dialog', async () => {
  await row('macvlan macvlan2').evaluate((one) => one.setAttribute('data-mark', 'kept'));
  await button('macvlan macvlan1', 'diagnose').click();
  await page.locator('.macvlan-checks tr').first().waitFor();
  const results = await page
    .locator('.macvlan-checks tr')
    .evaluateAll((rows) => rows.map((one) => one.getAttribute('data-result')));
  assert.ok(results.includes('ok'), results.join());
  await router.call('macvlan.address', 'add', { interface: 'macvlan2', address: '198.51.100.21/24' });
  await page.waitForFunction(() => document.querySelectorAll('tr[data-key^="address"]').length === 2);
  assert.is(await row('macvlan macvlan2').getAttribute('data-mark'), 'kept');
  assert.ok(await page.locator('.macvlan-checks').isVisible());
  await page.getByRole('button', { name: 'Close' }).click();
});

pages('disable and enable, renew', async () => {
  await button('dhcp_client first', 'disable').click();
  await page.waitForFunction(
    () => document.querySelector('tr[data-key="dhcp_client first"] .label')?.textContent === 'disabled',
  );
  assert.is((await router.list('dhcp_client'))[0]!.disabled, true);
  await button('dhcp_client first', 'enable').click();
  await router.bound(1);
  await page.waitForFunction(
    () => document.querySelector('tr[data-key="dhcp_client first"] .label')?.textContent === 'bound',
  );
  const requests = () => router.lab.log('provider').split('DHCPREQUEST').length;
  const before = requests();
  await button('dhcp_client first', 'renew').click();
  await until('the request', () => requests() > before);
});

pages('who may only read sees all and can change nothing, not by calls of his own either', async () => {
  const viewer = await open('admin/network/macvlan/overview', { user: 'viewer' });
  await row('dhcp_client first', viewer).waitFor();
  for (const action of ['disable', 'renew']) assert.ok(await button('dhcp_client first', action, viewer).isDisabled());
  assert.not.ok(await button('macvlan macvlan1', 'diagnose', viewer).isDisabled());
  await viewer.close();
  const session = web.login('viewer');
  assert.ok('result' in (await rpc(session, 'macvlan', 'list')));
  for (const method of ['add', 'set', 'remove', 'import', 'export', 'shutdown'])
    assert.equal((await rpc(session, 'macvlan', method)).error, { code: -32002, message: 'Access denied' }, method);
  assert.equal((await rpc('0'.repeat(32), 'macvlan', 'list')).error, { code: -32002, message: 'Access denied' });
  // Nor may anybody end the daemon from a browser.
  assert.equal((await rpc(web.login('root'), 'macvlan', 'shutdown')).error, { code: -32002, message: 'Access denied' });
});

pages('a refusal comes with the words of the daemon', async () => {
  const answer = await rpc(web.login('root'), 'macvlan', 'set', { id: 'macvlan1', mtu: '9000' });
  const [status, { error }] = answer.result as [number, { error: string }];
  assert.is(status, 2);
  assert.match(error, /mtu 9000 exceeds parent ether1 mtu 1500/);
});

pages('many lines on one port, seen before they are made', async () => {
  web.devices = { lo: { name: 'lo', type: 772, flags: { loopback: true } }, ether1: { name: 'ether1', type: 1 } };
  await page.locator('button[data-action="many"]').click();
  await page.locator('#macvlan-devices').waitFor({ state: 'attached' });
  assert.is(await page.locator('.modal .macvlan-unsuitable').textContent(), 'Not possible: lo (the loopback)');
  await page.locator('#macvlan-many-kind').selectOption('pppoe');
  await page.locator('#macvlan-many-accounts').fill('user1 pass word"$1\nuser2 x\n');
  await page.locator('#macvlan-many-group').fill('isp');
  await page.locator('button[data-action="preview"]').click();
  await page.locator('#macvlan-many-said .macvlan-ops').waitFor();
  assert.match((await page.locator('.macvlan-ops').textContent()) ?? '', /add link macvlan3 .*\nadd link macvlan4 /);
  assert.is((await router.list('pppoe_client')).length, 0);
  await page.locator('button[data-action="add"]').click();
  await row('macvlan macvlan_2').or(row('macvlan macvlan_1')).first().waitFor();
  assert.equal(
    (await router.list('pppoe_client')).map(({ interface: on, user, dial_group }) => [on, user, dial_group]),
    [
      ['macvlan3', 'user1', 'isp'],
      ['macvlan4', 'user2', 'isp'],
    ],
  );
  // The password came as it was pasted, and is in no list.
  assert.match(router.config, /option password 'pass word"\$1'/);
  assert.not.ok(JSON.stringify(await router.list('pppoe_client')).includes('pass word'));
});

/** The edit page; whatever comes to it over the wire is kept. */
async function edits(user = 'root'): Promise<{ form: Page; heard: string[] }> {
  const form = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  form.setDefaultTimeout(15_000);
  const heard: string[] = [];
  form.on('response', async (response) => {
    if (response.url().endsWith('/ubus/')) heard.push(await response.text().catch(() => ''));
  });
  await form.goto(`${address}admin/network/macvlan/edit?user=${user}`);
  await form.locator('[data-type="macvlan"]').waitFor();
  return { form, heard };
}

const section = (form: Page, type: string, id: string) => form.locator(`[data-type="${type}"] tr[data-id="${id}"]`);
const apply = (form: Page) =>
  form.locator('.cbi-page-actions .cbi-button-apply, .cbi-page-actions button.important').first().click();

pages('edit: a form has every property of its table', async () => {
  const { form } = await edits();
  for (const { type, properties } of descriptions) {
    await form.locator(`[data-type="${type}"] button[data-action="add"]`).click();
    const names = await form
      .locator('[data-property]')
      .evaluateAll((all) => all.map((one) => one.getAttribute('data-property')));
    assert.equal(names, Object.keys(properties), type);
    await form.getByRole('button', { name: 'Cancel' }).click();
  }
  await form.close();
});

pages('edit: ports to choose from, and why others are not among them', async () => {
  const flags = (loopback: boolean) => ({ loopback });
  web.devices = {
    lo: { name: 'lo', type: 772, flags: flags(true) },
    'br-lan': { name: 'br-lan', type: 1, devtype: 'bridge', flags: flags(false) },
    lan1: { name: 'lan1', type: 1, master: 'br-lan', flags: flags(false) },
    tun0: { name: 'tun0', type: 65534, flags: flags(false) },
  };
  const { form } = await edits();
  await form.locator('[data-type="macvlan"] button[data-action="add"]').click();
  const offered = await form
    .locator('#macvlan-devices option')
    .evaluateAll((all) => all.map((one) => one.getAttribute('value')));
  assert.equal(offered, ['br-lan', 'macvlan1', 'macvlan2', 'away', 'macvlan3', 'macvlan4', 'pppoe-out1', 'pppoe-out2']);
  assert.is(
    await form.locator('.macvlan-unsuitable').textContent(),
    'Not possible: lo (the loopback), lan1 (a port of br-lan), tun0 (no Ethernet)',
  );
  await form.close();
});

pages('edit: what is wrong is said at its field, by the browser or by the daemon, and nothing is changed', async () => {
  const { form } = await edits();
  await section(form, 'macvlan', 'macvlan1').locator('button[data-action="edit"]').click();
  const field = (name: string) => form.locator('.cbi-value', { has: form.locator(`[data-property="${name}"]`) });
  await field('mac_address').locator('input').fill('01:00:00:00:00:01');
  await form.locator('button[data-action="save"]').click();
  await form.waitForFunction(() =>
    Array.from(document.querySelectorAll('.macvlan-wrong')).some((one) => one.textContent !== ''),
  );
  assert.match(
    (await field('mac_address').locator('.macvlan-wrong').textContent()) ?? '',
    /multicast|group|MAC address/,
  );
  await form.getByRole('button', { name: 'Cancel' }).click();
  // Only the daemon knows the others' names.
  await section(form, 'macvlan', 'macvlan2').locator('button[data-action="edit"]').click();
  await field('name').locator('input').fill('macvlan1');
  await form.locator('button[data-action="save"]').click();
  const said = field('name').locator('.macvlan-wrong');
  await until('a word', async () => (await said.textContent()) !== '');
  assert.match((await said.textContent()) ?? '', /name macvlan1 is already that of section macvlan1/);
  assert.is(await form.locator('#macvlan-staged').count(), 0);
  await form.close();
});

pages('edit: waits for Save & Apply, says before what that will do, and tells the browser no password', async () => {
  const { form, heard } = await edits();
  await form.locator('[data-type="pppoe_client"] button[data-action="add"]').click();
  const input = (name: string) => form.locator(`[data-property="${name}"]`);
  await input('interface').fill('macvlan2');
  await input('user').fill('somebody');
  await input('password').fill('hidden word');
  assert.is(await input('password').getAttribute('type'), 'password');
  await form.locator('button[data-action="save"]').click();
  await form.locator('#macvlan-staged').waitFor();
  await section(form, 'macvlan', 'away').locator('button[data-action="edit"]').click();
  await input('interface').fill('ether1');
  await input('comment').fill('found');
  await form.locator('button[data-action="save"]').click();
  await form.waitForFunction(() => /: 2\./.test(document.querySelector('#macvlan-staged')?.textContent ?? ''));
  await form.locator('button[data-action="plan"]').click();
  await form.locator('.macvlan-ops').waitFor();
  assert.match((await form.locator('.macvlan-ops').textContent()) ?? '', /add link away /);
  assert.not.match(router.config, /somebody|found/);
  // Nor are they forgotten when one looks at something else first.
  await form.goto(`${address}admin/network/macvlan/overview`);
  await form.goto(`${address}admin/network/macvlan/edit`);
  await form.waitForFunction(() => /: 2\./.test(document.querySelector('#macvlan-staged')?.textContent ?? ''));
  assert.match((await section(form, 'macvlan', 'away').textContent()) ?? '', /ether1/);
  await section(form, 'pppoe_client', 'pppoe_client_1').waitFor();
  await apply(form);
  await until('the link', () => router.links().some(({ ifname }) => ifname === 'away'));
  await form.waitForFunction(() => document.querySelector('[data-type]') && !document.querySelector('#macvlan-staged'));
  await form.reload();
  await section(form, 'macvlan', 'away').waitFor();
  assert.is(await form.locator('#macvlan-staged').count(), 0);
  assert.match(router.config, /option password 'hidden word'/);
  assert.match(router.config, /option comment 'found'/);
  await form.close();
  // Asked for again, with what is stored now.
  const later = await edits();
  await section(later.form, 'pppoe_client', 'pppoe_client_1').waitFor();
  await later.form.close();
  assert.not.ok([...heard, ...later.heard].join('').includes('hidden word'));
});

pages('edit: a new password alone is a change too, also when one looks at something else first', async () => {
  const { form } = await edits();
  await section(form, 'pppoe_client', 'pppoe_client_1').locator('button[data-action="edit"]').click();
  await form.locator('[data-property="password"]').fill('another word');
  await form.locator('button[data-action="save"]').click();
  await form.locator('#macvlan-staged').waitFor();
  await form.goto(`${address}admin/network/macvlan/edit`);
  await form.locator('#macvlan-staged').waitFor();
  assert.not.match(await form.evaluate(() => JSON.stringify({ ...window.sessionStorage })), /another word/);
  await form.locator('.cbi-page-actions .cbi-button-reset').click();
  await form.waitForFunction(() => !document.querySelector('#macvlan-staged'));
  assert.not.match(router.config, /another word/);
  await form.close();
});

pages('edit: a section is deleted, and a change is taken back by Reset', async () => {
  const { form } = await edits();
  await section(form, 'address', 'second').locator('button[data-action="remove"]').click();
  await form.locator('#macvlan-staged').waitFor();
  await form.locator('.cbi-page-actions .cbi-button-reset').click();
  await section(form, 'address', 'second').waitFor();
  assert.match(router.config, /config address 'second'/);
  await section(form, 'address', 'second').locator('button[data-action="remove"]').click();
  await form.locator('#macvlan-staged').waitFor();
  await apply(form);
  await until('its end', () => !/config address 'second'/.test(router.config));
  await form.close();
});

pages('edit: who may only read can change nothing', async () => {
  const { form } = await edits('viewer');
  assert.ok(await section(form, 'macvlan', 'macvlan1').locator('button[data-action="edit"]').isDisabled());
  await form.close();
  const answer = await rpc(web.login('viewer'), 'uci', 'set', {
    config: 'macvlan',
    section: 'macvlan1',
    values: { mtu: '1400' },
  });
  assert.equal(answer.error, { code: -32002, message: 'Access denied' });
});

pages('RouterOS: what a script would do, that it is done, and where it is wrong', async () => {
  const script = await open('admin/network/macvlan/script');
  const text = script.locator('#macvlan-script');
  await text.fill('/interface macvlan add interface=ether1 name=typed\n');
  await script.locator('button[data-action="try"]').click();
  await script.locator('.macvlan-ops').waitFor();
  assert.match((await script.locator('.macvlan-ops').textContent()) ?? '', /add link typed/);
  assert.not.ok((await router.list('macvlan')).some(({ name }) => name === 'typed'));
  await script.locator('button[data-action="import"]').click();
  await until('the macvlan', async () => (await router.list('macvlan')).some(({ name }) => name === 'typed'));
  await text.fill('/interface macvlan add interface=ether1 name=other\n/interface macvlan add nonsense=1\n');
  await script.locator('button[data-action="import"]').click();
  const said = script.locator('#macvlan-said .alert-message');
  await said.waitFor();
  assert.match((await said.textContent()) ?? '', /line 2 column/);
  assert.not.ok((await router.list('macvlan')).some(({ name }) => name === 'other'));
  assert.match((await script.locator('#macvlan-export').textContent()) ?? '', /\/interface macvlan/);
  await script.close();
});

pages('the block on the status page: how many lines, and how they are', async () => {
  const text = await page.evaluate(async () => {
    const { L } = window as unknown as { L: { require(name: string): Promise<Block> } };
    const block = await L.require('view.status.include.45_macvlan');
    return (block.render(await block.load()) as HTMLElement).textContent;
  });
  assert.match(text ?? '', /^\d+ lines .*bound: 1/);
});

pages('German, also in what the forms say of properties', async () => {
  const german = await open('admin/network/macvlan/overview', { lang: 'de' });
  await row('dhcp_client first', german).waitFor();
  assert.match((await row('dhcp_client first', german).textContent()) ?? '', /Restzeit: \d/);
  await german.goto(`${address}admin/network/macvlan/edit?lang=de`);
  await german.locator('[data-type="macvlan"] button[data-action="add"]').click();
  const field = german.locator('.cbi-value', { has: german.locator('[data-property="source_mac"]') });
  assert.match((await field.textContent()) ?? '', /wen der Modus source hört/);
  await german.close();
});

for (const path of ['overview', 'edit', 'script']) {
  pages(`on a telephone nothing is cut off: ${path}`, async () => {
    const small = await open(`admin/network/macvlan/${path}`, { width: 390 });
    await small.locator('.cbi-map h2').waitFor();
    const wide = await small.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `${wide} pixels`);
    await small.close();
  });
}

pages('a daemon that does not run is said, and can be started', async () => {
  await router.lab.stopDaemon('SIGTERM');
  web.onInit = () => router.lab.startDaemon();
  const start = page.locator('#macvlan-notice button[data-action="start"]');
  await start.waitFor();
  await start.click();
  await row('macvlan macvlan1').waitFor();
  assert.equal(web.inits, ['start']);
  assert.is(await page.locator('#macvlan-notice button').count(), 0);
});

pages.run();
