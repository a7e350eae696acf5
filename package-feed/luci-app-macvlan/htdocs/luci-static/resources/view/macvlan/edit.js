'use strict';
'require view';
'require dom';
'require rpc';
'require ui';
'require macvlan.lines as lines';
'require macvlan.ports as ports';
'require macvlan.tables as tables';

/*
 * Changes are left with rpcd, as all of LuCI's are, until Save & Apply; values are read from the daemon, which tells no password.
 */
const uciAdd = rpc.declare({ object: 'uci', method: 'add', params: [ 'config', 'type', 'name', 'values' ], reject: true });
const uciSet = rpc.declare({ object: 'uci', method: 'set', params: [ 'config', 'section', 'values' ], reject: true });
const uciDelete = rpc.declare({ object: 'uci', method: 'delete', params: [ 'config', 'section', 'options' ], reject: true });
const uciRevert = rpc.declare({ object: 'uci', method: 'revert', params: [ 'config' ], reject: true });

const TITLES = {
	macvlan: _('MACVLAN interfaces'), dhcp_client: _('DHCP clients'), dhcpv6_client: _('DHCPv6 clients'), pppoe_client: _('PPPoE clients'),
	address: _('Addresses'), pool: _('Address pools'), dhcp_server: _('DHCP servers'), dhcp_network: _('DHCP networks'), arp: _('ARP entries')
};

/* Sections as the daemon has them, and as they will be. */
let items = {}, staged = new Map(), links = [];

/* Where this tab keeps what is staged. */
const KEPT = 'macvlan-staged';

/* UCI's spelling of what `list` answers. */
function stored(value) {
	if (Array.isArray(value)) return value.map(String);
	return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
}

function shown(value) {
	return value === undefined ? '' : [ stored(value) ].flat().join(' ');
}

/* What stands for a property now: what is staged, else what the daemon has. */
function valueOf(menu, id, name) {
	const change = staged.get(id)?.values?.[name];
	if (change !== undefined) return shown(change);
	return shown(items[menu.type].find(item => item.id === id)?.[name]);
}

/* Links that lines can be on beside the router's own. */
function ownNames() {
	return [ ...items.macvlan, ...items.pppoe_client ].map(({ name }) => name);
}

/* It outlives the page, as it does with rpcd. No password is in it. */
function keep() {
	window.sessionStorage.setItem(KEPT, JSON.stringify({ session: L.env.sessionid, changes: [ ...staged ] }));
}

function forget() {
	staged = new Map();
	window.sessionStorage.removeItem(KEPT);
}

/* What was staged in this session and is still to be done: another page may have applied it. */
function kept() {
	const { session, changes = [] } = JSON.parse(window.sessionStorage.getItem(KEPT) ?? '{}');
	return new Map((session === L.env.sessionid ? changes : []).filter(isPending));
}

function isPending([ id, { type, isNew, isGone, hasSecret, values } ]) {
	const item = items[type].find(one => one.id === id);
	if (item === undefined || isGone || isNew) return (item === undefined) === !!isNew;
	/* Whether a password is applied nobody says; Reset is there. */
	if (hasSecret) return true;
	const { rows } = tables.menus.find(menu => menu.type === type);
	const usual = name => rows.find(row => row.name === name).standard;
	return Object.entries(values).some(([ name, value ]) => (shown(value) || usual(name)) !== (shown(item[name]) || usual(name)));
}

function idsOf(menu) {
	const known = items[menu.type].map(({ id }) => id);
	const added = [ ...staged ].filter(([ , { type, isNew } ]) => isNew && type === menu.type).map(([ id ]) => id);
	return [ ...known, ...added ].filter(id => !staged.get(id)?.isGone);
}

/* The file as it would be, for `plan`. Passwords are not known here: what has one is planned as if it kept it. */
function sections() {
	const all = {};
	for (const menu of tables.menus)
		for (const id of idsOf(menu)) {
			const values = { '.type': menu.type };
			for (const row of menu.rows) {
				const value = valueOf(menu, id, row.name);
				if (value !== '' && value !== row.standard) values[row.name] = row.kind === 'list' ? value.split(/[\s,]+/) : value;
			}
			all[id] = values;
		}
	return all;
}

/* What the daemon has against a section with these values. */
function faultsOf(id, type, given) {
	const all = sections();
	all[id] = { ...(all[id] ?? {}), '.type': type };
	for (const [ name, value ] of Object.entries(given))
		if (value === '' || value.length === 0) delete all[id][name];
		else all[id][name] = value;
	return lines.callPlan(all).then(({ problems = [] }) => problems.filter(({ section }) => section === id));
}

/* One property of a form: how it is asked for, and what it says. */
class Field {
	constructor(menu, row, id) {
		const was = this.was = id ? valueOf(menu, id, row.name) : '';
		this.row = row;
		this.wrong = E('div', { 'class': 'macvlan-wrong', 'style': 'color:var(--error-color-high, #c00)' });
		const name = `macvlan-${row.name}`;
		const attributes = { 'id': name, 'data-property': row.name, 'change': () => this.check() };
		if (row.kind === 'flag' || row.kind === 'choice') {
			const words = row.kind === 'flag' ? [ [ '1', _('yes') ], [ '0', _('no') ] ] : row.words.map(word => [ word, word ]);
			const standard = words.find(([ value ]) => value === row.standard);
			this.input = E('select', { 'class': 'cbi-input-select', ...attributes }, [
				E('option', { 'value': '' }, [ standard ? _('as usual: %s').format(standard[1]) : '-' ]),
				...words.map(([ value, word ]) => E('option', { value, 'selected': value === was || null }, [ word ]))
			]);
		} else {
			this.input = E('input', {
				'class': row.kind === 'secret' ? 'cbi-input-password' : 'cbi-input-text', 'type': row.kind === 'secret' ? 'password' : 'text',
				'autocomplete': row.kind === 'secret' ? 'new-password' : 'off', 'value': row.kind === 'secret' ? '' : was,
				'placeholder': row.kind === 'secret' && id ? _('unchanged') : row.standard, 'list': row.name === 'interface' ? 'macvlan-devices' : null, ...attributes
			});
		}
		this.node = E('div', { 'class': 'cbi-value' }, [
			E('label', { 'class': 'cbi-value-title', 'for': name }, [ row.name.replace(/_/g, '-') + (row.required ? ' *' : '') ]),
			E('div', { 'class': 'cbi-value-field' }, [ this.input, this.wrong, E('div', { 'class': 'cbi-value-description' }, [
				_(row.help), row.name === 'interface' ? ports.unsuitable(links, ownNames()) : ''
			]) ])
		]);
	}

	get text() {
		return this.input.value.trim();
	}

	/* A password that is not typed stays. */
	get isChanged() {
		return this.text !== this.was && !(this.row.kind === 'secret' && this.text === '');
	}

	get value() {
		return this.row.kind === 'list' ? this.text.split(/[\s,]+/).filter(Boolean) : this.text;
	}

	say(text) {
		dom.content(this.wrong, text ? [ text ] : []);
	}

	check() {
		const wrong = this.text === '' ? (this.row.required && this.was === '' ? _('This is needed.') : undefined) : this.row.check(this.text);
		this.say(wrong);
		return wrong === undefined;
	}
}

function freshId(menu) {
	const taken = new Set([ ...items[menu.type].map(({ id }) => id), ...staged.keys() ]);
	for (let n = 1; ; n++)
		if (!taken.has(`${menu.type}_${n}`)) return `${menu.type}_${n}`;
}

/* A section's form. What is wrong is said at its field, by the daemon's own words where only it can know. */
function edit(menu, id) {
	const fields = menu.rows.map(row => new Field(menu, row, id));
	const wrong = E('div', { 'class': 'macvlan-wrong' });
	const save = () => {
		if (fields.map(field => field.check()).includes(false)) return Promise.resolve();
		const given = Object.fromEntries(fields.filter(({ isChanged }) => isChanged).map(field => [ field.row.name, field.value ]));
		const at = id ?? freshId(menu);
		return faultsOf(at, menu.type, given).then(problems => {
			const [ problem ] = problems;
			if (problem) {
				const field = fields.find(({ row }) => row.name === problem.property);
				if (field) field.say(problem.error);
				else dom.content(wrong, E('div', { 'class': 'alert-message danger' }, [ problem.error ]));
				return;
			}
			return stage(menu, at, given, id === undefined).then(() => {
				ui.hideModal();
				redraw();
			});
		}).catch(error => dom.content(wrong, E('div', { 'class': 'alert-message danger' }, [ lines.reasonOf(error) ])));
	};
	ui.showModal(`${TITLES[menu.type]}: ${id === undefined ? _('Add') : valueOf(menu, id, menu.key) || id}`, [
		ports.offered(links, ownNames()),
		E('div', { 'style': 'max-height:60vh;overflow:auto' }, fields.map(({ node }) => node)),
		wrong,
		E('div', { 'class': 'right' }, [
			E('button', { 'class': 'btn', 'click': ui.hideModal }, [ _('Cancel') ]), ' ',
			E('button', { 'class': 'btn cbi-button-positive important', 'data-action': 'save', 'click': ui.createHandlerFn(null, save) }, [ _('Save') ])
		])
	]);
}

/* rpcd keeps it until it is applied. An option that is emptied is taken out. */
function stage(menu, id, given, isNew) {
	const entries = Object.entries(given);
	const values = Object.fromEntries(entries.filter(([ , value ]) => value.length > 0));
	const emptied = entries.filter(([ , value ]) => value.length === 0).map(([ name ]) => name);
	const before = staged.get(id);
	const write = isNew ? uciAdd('macvlan', menu.type, id, values)
		: Object.keys(values).length > 0 ? uciSet('macvlan', id, values) : Promise.resolve();
	return write.then(() => emptied.length > 0 && !isNew ? uciDelete('macvlan', id, emptied) : null).then(() => {
		/* A password is not kept here. */
		const known = entries.filter(([ name ]) => menu.rows.find(row => row.name === name).kind !== 'secret');
		staged.set(id, {
			type: menu.type, isNew: isNew || before?.isNew, hasSecret: before?.hasSecret || known.length < entries.length,
			values: { ...before?.values, ...Object.fromEntries(known) }
		});
		keep();
	});
}

function remove(menu, id) {
	return uciDelete('macvlan', id).then(() => {
		if (staged.get(id)?.isNew) staged.delete(id);
		else staged.set(id, { type: menu.type, isGone: true });
		keep();
		redraw();
	}).catch(error => ui.addNotification(null, E('p', {}, [ lines.reasonOf(error) ]), 'danger'));
}

let page, preview;

function printed(menu, id, name) {
	const value = valueOf(menu, id, name);
	const isFlag = menu.rows.find(row => row.name === name).kind === 'flag';
	return isFlag && value !== '' ? (value === '1' ? _('yes') : _('no')) : value || '-';
}

function grid(menu) {
	const isReadOnly = !L.hasViewPermission() || null;
	const rows = idsOf(menu).map(id => E('tr', { 'class': 'tr cbi-section-table-row', 'data-id': id }, [
		...menu.columns.map(name => E('td', { 'class': 'td', 'data-title': name.replace(/_/g, '-') }, [ printed(menu, id, name) ])),
		E('td', { 'class': 'td cbi-section-actions' }, [ E('div', {}, [
			E('button', { 'class': 'btn cbi-button-edit', 'data-action': 'edit', 'disabled': isReadOnly, 'click': () => edit(menu, id) }, [ _('Edit') ]),
			E('button', { 'class': 'btn cbi-button-remove', 'data-action': 'remove', 'disabled': isReadOnly, 'click': ui.createHandlerFn(null, () => remove(menu, id)) }, [ _('Delete') ])
		]) ])
	]));
	return E('div', { 'class': 'cbi-section', 'data-type': menu.type }, [
		E('h3', {}, [ TITLES[menu.type] ]),
		rows.length === 0 ? '' : E('table', { 'class': 'table cbi-section-table' }, [
			E('tr', { 'class': 'tr table-titles' }, [ ...menu.columns.map(name => E('th', { 'class': 'th' }, [ name.replace(/_/g, '-') ])), E('th', { 'class': 'th' }) ]),
			...rows
		]),
		E('button', { 'class': 'btn cbi-button-add', 'data-action': 'add', 'disabled': isReadOnly, 'click': () => edit(menu) }, [ _('Add') ])
	]);
}

/* What an apply would do, asked of the daemon. */
function showPlan() {
	return lines.callPlan(sections()).then(
		({ ops = [] }) => dom.content(preview, E('pre', { 'class': 'macvlan-ops' }, [ ops.join('\n') || _('Nothing: all of it is there already.') ])),
		error => dom.content(preview, E('div', { 'class': 'alert-message danger' }, [ lines.reasonOf(error) ])));
}

function redraw() {
	dom.content(page, [
		staged.size === 0 ? '' : E('div', { 'class': 'alert-message notice', 'id': 'macvlan-staged' }, [
			E('p', {}, [ _('Changes that are not applied yet: %d.').format(staged.size) ]),
			E('button', { 'class': 'btn', 'data-action': 'plan', 'click': ui.createHandlerFn(null, showPlan) }, [ _('See what it would do') ])
		]),
		preview = E('div'),
		...tables.menus.map(grid)
	]);
}

return view.extend({
	load() {
		return Promise.all([
			Promise.all(tables.menus.map(menu => lines.listOf(menu.object, menu.type))),
			ports.load()
		]);
	},

	render([ all, found ]) {
		items = Object.fromEntries(tables.menus.map(({ type }, n) => [ type, all[n] ]));
		links = found;
		staged = kept();
		document.addEventListener('uci-applied', forget);
		page = E('div');
		redraw();
		return E('div', { 'class': 'cbi-map' }, [ E('h2', {}, [ _('Edit lines') ]), page ]);
	},

	handleSave: null,

	handleSaveApply(_ev, mode) {
		return ui.changes.apply(mode === undefined || mode == '0');
	},

	handleReset() {
		return uciRevert('macvlan').then(() => {
			forget();
			redraw();
		});
	}
});
