'use strict';
'require view';
'require poll';
'require dom';
'require ui';
'require macvlan.lines as lines';
'require macvlan.many as many';

const KINDS = {
	dhcp_client: 'DHCP',
	dhcpv6_client: 'DHCPv6',
	pppoe_client: 'PPPoE',
	address: _('Static')
};

/* What was counted when: for rates. */
const counted = new Map();

function rateOf(item) {
	const now = { at: Date.now(), rx: item.rx_byte, tx: item.tx_byte };
	const before = counted.get(item.id);
	counted.set(item.id, now);
	const seconds = before ? (now.at - before.at) / 1000 : 0;
	/* A link that was made anew counts from zero. */
	if (!(seconds > 0) || now.rx < before.rx || now.tx < before.tx) return null;
	return { rx: Math.round((now.rx - before.rx) / seconds), tx: Math.round((now.tx - before.tx) / seconds) };
}

function badge(state) {
	return E('span', { 'class': `label ${lines.labelOf(state)}` }, [ state ?? '-' ]);
}

function stateCell(line) {
	const { about } = line.item;
	return [ badge(lines.stateOf(line)), about ? E('div', { 'class': 'macvlan-about' }, [ about ]) : '' ];
}

function traffic(item) {
	if (item.rx_byte === undefined) return [ '-' ];
	const rate = rateOf(item);
	const row = (sign, total, speed) => E('div', { 'style': 'white-space:nowrap' }, [
		sign + ' ' + '%1024.1mB'.format(total) + (speed === null ? '' : ' (%1024.1mB/s)'.format(speed))
	]);
	return [ row('▼', item.rx_byte, rate && rate.rx), row('▲', item.tx_byte, rate && rate.tx) ];
}

/* What a line has, and for how long. */
function addressCell({ type, item }) {
	switch (type) {
	case 'dhcp_client':
		return [
			item.address ?? '-',
			item.gateway ? E('div', {}, [ _('Gateway: %s').format(item.gateway) ]) : '',
			item.expires_after !== undefined ? E('div', {}, [ _('Lease: %t').format(item.expires_after) ]) : ''
		];
	case 'pppoe_client':
		return [
			item.local_address ?? '-',
			item.remote_address ? E('div', {}, [ _('Gateway: %s').format(item.remote_address) ]) : '',
			item.uptime !== undefined ? E('div', {}, [ _('Uptime: %t').format(item.uptime) ]) : '',
			item.next_try !== undefined ? E('div', {}, [ _('Next try: %t').format(item.next_try) ]) : ''
		];
	case 'dhcpv6_client':
		return [ item.address ?? '-', item.prefix ? E('div', {}, [ _('Prefix: %s').format(item.prefix) ]) : '' ];
	default:
		return [ item.address ?? '-', item.gateway ? E('div', {}, [ _('Gateway: %s').format(item.gateway) ]) : '' ];
	}
}

/* Kept from one poll to the next, so that a page that is read does not move, and a dialog stays. */
class Rows {
	constructor(body) {
		this.body = body;
		this.rows = new Map();
	}

	update(wanted) {
		const keys = new Set(wanted.map(({ key }) => key));
		for (const [ key, row ] of this.rows)
			if (!keys.has(key)) {
				row.node.remove();
				this.rows.delete(key);
			}
		let last = this.body.firstElementChild;
		for (const { key, cells, className, actions } of wanted) {
			const row = this.rows.get(key) ?? this.make(key, className, actions);
			if (last !== row.node) this.body.insertBefore(row.node, last);
			else last = last.nextElementSibling;
			if (last === row.node) last = last.nextElementSibling;
			cells.forEach((content, n) => dom.content(row.cells[n], content));
			row.buttons(actions);
		}
	}

	make(key, className, actions) {
		/* A line has no counters of its own: on a telephone there is no room for nothing. */
		const cells = TITLES.map((title, n) => E('td', { 'class': `td${n === 4 && className === 'macvlan-line' ? ' hide-xs' : ''}`, 'data-title': title }));
		const last = E('td', { 'class': 'td cbi-section-actions' });
		const node = E('tr', { 'class': `tr ${className}`, 'data-key': key }, [ ...cells, last ]);
		let shown = null;
		const row = {
			node, cells,
			buttons(now) {
				const names = now.map(({ name }) => name).join();
				if (names === shown) return;
				shown = names;
				dom.content(last, E('div', {}, now.map(({ name, title, style, run }) => E('button', {
					'class': `btn cbi-button ${style}`, 'data-action': name,
					'click': ui.createHandlerFn(this, run), 'disabled': name !== 'diagnose' && !L.hasViewPermission() || null
				}, [ title ]))));
			}
		};
		this.rows.set(key, row);
		return row;
	}
}

const TITLES = [ _('Name'), _('State'), _('Parent'), _('Address'), _('Traffic') ];

function act(type, method, id) {
	return lines.call(type, method, id).catch(error =>
		ui.addNotification(null, E('p', {}, [ _('%s of %s: %s').format(method, id, lines.reasonOf(error)) ]), 'danger')
	).then(refresh);
}

/* The checks, each with its cause and what to do. */
function diagnose(type, item) {
	const title = _('Diagnose %s').format(item.name ?? item.interface);
	ui.showModal(title, [ E('p', { 'class': 'spinning' }, [ _('This takes a second…') ]) ]);
	return lines.callDiagnose[type](item.id).then(({ checks = [] }) => {
		const mark = { ok: '✔', cause: '✘', unknown: '?' };
		ui.showModal(title, [
			E('table', { 'class': 'table macvlan-checks' }, checks.map(check => E('tr', { 'class': 'tr', 'data-result': check.result }, [
				E('td', { 'class': 'td' }, [ mark[check.result] ?? '?' ]),
				E('td', { 'class': 'td' }, [ check.check ]),
				E('td', { 'class': 'td' }, [ check.text, check.cure ? E('div', {}, [ E('strong', {}, [ check.cure ]) ]) : '' ])
			]))),
			E('div', { 'class': 'right' }, [ E('button', { 'class': 'btn', 'click': ui.hideModal }, [ _('Close') ]) ])
		]);
	}).catch(error => ui.showModal(title, [
		E('p', {}, [ lines.reasonOf(error) ]),
		E('div', { 'class': 'right' }, [ E('button', { 'class': 'btn', 'click': ui.hideModal }, [ _('Close') ]) ])
	]));
}

function actionsOf({ type, item }) {
	const actions = [];
	if (type === 'dhcp_client' || type === 'dhcpv6_client')
		actions.push({ name: 'renew', title: _('Renew'), style: 'cbi-button-neutral', run: () => act(type, 'renew', item.id) });
	if (type === 'pppoe_client' && !item.disabled)
		actions.push({ name: 'redial', title: _('Redial'), style: 'cbi-button-neutral',
			run: () => act(type, 'disable', item.id).then(() => act(type, 'enable', item.id)) });
	if (lines.callDiagnose[type])
		actions.push({ name: 'diagnose', title: _('Diagnose'), style: 'cbi-button-neutral', run: () => diagnose(type, item) });
	actions.push(item.disabled
		? { name: 'enable', title: _('Enable'), style: 'cbi-button-positive', run: () => act(type, 'enable', item.id) }
		: { name: 'disable', title: _('Disable'), style: 'cbi-button-negative', run: () => act(type, 'disable', item.id) });
	return actions;
}

function macvlanRow(item) {
	const mac = item.actual_mac_address ?? item.mac_address ?? '-';
	return {
		key: `macvlan ${item.id}`, className: 'macvlan-item', actions: actionsOf({ type: 'macvlan', item }),
		cells: [
			[ E('strong', {}, [ item.name ]), item.comment ? E('div', {}, [ item.comment ]) : '' ],
			stateCell({ type: 'macvlan', item }),
			[ item.interface, E('div', {}, [ _('Mode: %s').format(item.mode) ]) ],
			[ mac, E('div', {}, [ _('MTU: %d').format(item.actual_mtu ?? item.mtu) ]) ],
			traffic(item)
		]
	};
}

function lineRow(line) {
	const { type, item } = line;
	return {
		key: `${type} ${item.id}`, className: 'macvlan-line', actions: actionsOf(line),
		cells: [
			[ '↳ ', KINDS[type], item.name && type === 'pppoe_client' ? ` ${item.name}` : '',
				item.comment ? E('div', {}, [ item.comment ]) : '' ],
			stateCell(line), [ item.interface ], addressCell(line), [ '' ]
		]
	};
}

let table, notice, last = { groups: [], others: [] };

function show(found) {
	const { groups, others } = last = found;
	dom.content(notice, []);
	const wanted = [ ...groups.flatMap(({ item, lines: on }) => [ macvlanRow(item), ...on.map(lineRow) ]), ...others.map(lineRow) ];
	table.update(wanted);
	if (wanted.length === 0)
		dom.content(notice, E('em', {}, [ _('There are no lines yet.') ]));
}

/* The daemon does not run, or nobody told us of it. */
function showTrouble(error) {
	table.update([]);
	const start = () => lines.callInit('macvlan', 'start').then(() => new Promise(done => window.setTimeout(done, 2000))).then(refresh);
	dom.content(notice, E('div', { 'class': 'alert-message warning' }, [
		E('p', {}, [ _('macvland does not answer: %s').format(lines.reasonOf(error)) ]),
		E('button', { 'class': 'btn cbi-button-positive', 'data-action': 'start', 'click': ui.createHandlerFn(null, start),
			'disabled': L.hasViewPermission() ? null : true }, [ _('Start it') ])
	]));
}

function addMany() {
	const items = last.groups.map(({ item }) => item);
	many.open({ parent: items[0]?.interface, taken: new Set(items.map(({ name }) => name)), done: refresh });
}

function refresh() {
	return lines.load().then(show, showTrouble);
}

return view.extend({
	load() {
		return lines.load().catch(error => ({ error }));
	},

	render(found) {
		const body = E('tbody');
		notice = E('div', { 'id': 'macvlan-notice' });
		table = new Rows(body);
		const head = E('tr', { 'class': 'tr table-titles' }, [ ...TITLES.map(title => E('th', { 'class': 'th' }, [ title ])),
			E('th', { 'class': 'th cbi-section-actions' }) ]);
		if (found.error) showTrouble(found.error);
		else show(found);
		poll.add(refresh);
		return E('div', { 'class': 'cbi-map' }, [
			E('h2', {}, [ 'MACVLAN' ]),
			E('div', { 'class': 'cbi-map-descr' }, [
				_('Independent lines on one port: each with a MAC address of its own, and its DHCP lease, static address or PPPoE session.')
			]),
			E('div', { 'class': 'right' }, [
				E('button', { 'class': 'btn cbi-button-add', 'data-action': 'many', 'click': addMany, 'disabled': !L.hasViewPermission() || null }, [ _('Add lines…') ])
			]),
			notice,
			E('table', { 'class': 'table macvlan-lines' }, [ E('thead', {}, [ head ]), body ])
		]);
	},

	handleSaveApply: null,
	handleSave: null,
	handleReset: null
});
