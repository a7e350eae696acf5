'use strict';
'require baseclass';
'require macvlan.lines as lines';

return baseclass.extend({
	title: 'MACVLAN',

	load() {
		return lines.load().catch(() => null);
	},

	render(found) {
		/* Where it does not run, the page says nothing of it. */
		if (!found || found.groups.length + found.others.length === 0) return null;
		const all = [ ...found.groups.flatMap(group => group.lines), ...found.others ];
		const states = new Map();
		for (const line of all) {
			const state = lines.stateOf(line);
			states.set(state, (states.get(state) ?? 0) + 1);
		}
		return E('div', { 'class': 'macvlan-status' }, [
			E('a', { 'href': L.url('admin/network/macvlan') }, [ N_(all.length, '%d line', '%d lines').format(all.length) ]), ' ',
			...[ ...states ].flatMap(([ state, count ]) => [ E('span', { 'class': `label ${lines.labelOf(state)}` }, [ `${state}: ${count}` ]), ' ' ])
		]);
	}
});
