'use strict';
'require baseclass';
'require rpc';

/* One `list` answers 256 items at most. */
const PAGE = 256;

const TYPES = {
	macvlan: 'macvlan',
	dhcp_client: 'macvlan.dhcp_client',
	dhcpv6_client: 'macvlan.dhcpv6_client',
	pppoe_client: 'macvlan.pppoe_client',
	address: 'macvlan.address'
};

/* What the daemon refuses it says in a data message before the status, and only who asks for no exception sees that. */
function declare(object, method, params) {
	const ask = rpc.declare({ object, method, params, expect: { '': {} } });
	return (...args) => ask(...args).then(answer => {
		if (answer.error === undefined) return answer;
		throw Object.assign(new Error(answer.error), { data: answer });
	});
}

const lists = {};

const calls = {};
function call(type, method, id) {
	calls[`${type} ${method}`] ??= declare(TYPES[type], method, [ 'id' ]);
	return calls[`${type} ${method}`](id);
}

const callDiagnose = {
	macvlan: declare('macvlan', 'diagnose', [ 'id' ]),
	dhcp_client: declare('macvlan.dhcp_client', 'diagnose', [ 'id' ])
};

const callPlan = declare('macvlan', 'plan', [ 'sections' ]);
const callImport = declare('macvlan', 'import', [ 'script', 'dry_run' ]);
const callExport = declare('macvlan', 'export', [ 'terse' ]);
const callInit = rpc.declare({ object: 'luci', method: 'setInitAction', params: [ 'name', 'action' ], expect: { result: false } });

/* All items of a type, however many. */
function listOf(object, type, offset = 0) {
	lists[object] ??= declare(object, 'list', [ 'offset', 'limit' ]);
	return lists[object](offset, PAGE).then(answer => {
		if (answer.total === undefined) throw new Error(_('no answer to %s').format(`${object} list`));
		const items = answer[type] ?? [];
		const next = offset + items.length;
		return next < answer.total && items.length > 0 ? listOf(object, type, next).then(more => [ ...items, ...more ]) : items;
	});
}

/*
 * Macvlans in their order, each with what is on it; under a session what is on that. `others` are lines on ports.
 */
function joined({ macvlan, dhcp_client, dhcpv6_client, pppoe_client, address }) {
	const clients = [
		...dhcp_client.map(item => ({ type: 'dhcp_client', item })),
		...pppoe_client.map(item => ({ type: 'pppoe_client', item })),
		...dhcpv6_client.map(item => ({ type: 'dhcpv6_client', item })),
		...address.map(item => ({ type: 'address', item }))
	];
	const on = new Map();
	for (const line of clients) {
		/* A session over several interfaces stands with its first. */
		const below = String(line.item.interface).split(',')[0];
		on.set(below, [ ...(on.get(below) ?? []), line ]);
	}
	const linesOf = name => (on.get(name) ?? []).flatMap(line => [
		line,
		...(line.type === 'pppoe_client' ? linesOf(line.item.name) : [])
	]);
	const known = new Set(macvlan.map(({ name }) => name));
	const sessions = new Set(pppoe_client.map(({ name }) => name));
	const groups = macvlan.map(item => ({ item, lines: linesOf(item.name) }));
	const others = [ ...on.keys() ].filter(name => !known.has(name) && !sessions.has(name)).flatMap(linesOf);
	return { groups, others };
}

/* A word of the daemon's state as one of LuCI's labels. */
const LABELS = {
	running: 'success', bound: 'success', connected: 'success',
	renewing: 'success', rebinding: 'warning', searching: 'warning', requesting: 'warning',
	dialing: 'warning', 'verifying password': 'warning', 'waiting for packets': 'notice',
	error: 'important', down: 'important', disconnected: 'important', lost: 'important'
};

function stateOf({ type, item }) {
	if (item.disabled) return 'disabled';
	if (type === 'macvlan') return item.state;
	if (type === 'address') return item.about === undefined ? 'running' : 'error';
	return item.status;
}

function labelOf(state) {
	return LABELS[state] ?? 'notice';
}

/* What the daemon said of a refused call, else the bus. */
function reasonOf(error) {
	return error?.message ?? String(error);
}

return baseclass.extend({
	TYPES, joined, stateOf, labelOf, reasonOf, call, callDiagnose, callImport, callExport, callPlan, callInit, listOf,

	/* Everything that a page shows of lines. */
	load() {
		return Promise.all(Object.entries(TYPES).map(([ type, object ]) => listOf(object, type))).then(all =>
			joined(Object.fromEntries(Object.keys(TYPES).map((type, n) => [ type, all[n] ]))));
	}
});
