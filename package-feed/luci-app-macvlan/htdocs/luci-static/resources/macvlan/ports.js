'use strict';
'require baseclass';
'require rpc';

const callDevices = rpc.declare({ object: 'luci-rpc', method: 'getNetworkDevices', expect: { '': {} } });

/* Why a device carries no line; undefined: it can. Its type is that of if_arp.h: 1 is Ethernet. */
function faultOf({ type, master, flags }) {
	if (flags?.loopback) return _('the loopback');
	if (master) return _('a port of %s').format(master);
	return type === undefined || type === 1 ? undefined : _('no Ethernet');
}

return baseclass.extend({
	/* The devices of the router; none where it does not tell. */
	load() {
		return callDevices().then(Object.values, () => []);
	},

	/* Names on which lines can be, for an input whose `list` is this one; `own` are links of ours. */
	offered(links, own) {
		const names = links.filter(link => !faultOf(link)).map(({ name }) => name);
		return E('datalist', { 'id': 'macvlan-devices' }, [ ...new Set([ ...names, ...own ]) ].map(value => E('option', { value })));
	},

	/* What the others lack. */
	unsuitable(links, own) {
		const faults = links.filter(({ name }) => !own.includes(name)).flatMap(link => faultOf(link) ? [ `${link.name} (${faultOf(link)})` ] : []);
		return faults.length === 0 ? '' : E('div', { 'class': 'macvlan-unsuitable' }, [ _('Not possible: %s').format(faults.join(', ')) ]);
	}
});
