'use strict';
'require baseclass';
'require dom';
'require ui';
'require macvlan.lines as lines';
'require macvlan.ports as ports';

const KINDS = {
	dhcp: _('DHCP client'),
	pppoe: _('PPPoE client'),
	none: _('none')
};

/* A word of a RouterOS command: `$` would be a variable there. */
function quoted(text) {
	return `"${text.replace(/[\\"$]/g, sign => `\\${sign}`)}"`;
}

/* `user password` in each line; what follows the first space is the password, spaces and all. */
function accountsOf(text) {
	return text.split('\n').map(line => line.trim()).filter(Boolean).map(line => {
		const [ , user, password = '' ] = /^(\S+)(?:\s+(.*))?$/.exec(line);
		return { user, password };
	});
}

/* Names that nobody has: macvlan4, macvlan5, … */
function namesOf(count, taken) {
	const names = [];
	for (let n = 1; names.length < count; n++)
		if (!taken.has(`macvlan${n}`)) names.push(`macvlan${n}`);
	return names;
}

/* The commands that make so many lines. Throws an Error in words for people. */
function scriptOf({ parent, count, kind, accounts, group }, taken) {
	if (!parent) throw new Error(_('Say on which port.'));
	const wanted = kind === 'pppoe' ? accounts.length : count;
	if (!(wanted >= 1 && wanted <= 250)) throw new Error(kind === 'pppoe' ? _('Paste at least one account.') : _('Between 1 and 250 lines.'));
	return namesOf(wanted, taken).flatMap((name, n) => {
		const macvlan = `/interface macvlan add interface=${quoted(parent)} name=${name}`;
		if (kind === 'none') return [ macvlan ];
		if (kind === 'dhcp') return [ macvlan, `/ip dhcp-client add interface=${name}` ];
		const { user, password } = accounts[n];
		const dial = group ? ` dial-group=${quoted(group)}` : '';
		return [ macvlan, `/interface pppoe-client add interface=${name} user=${quoted(user)} password=${quoted(password)} add-default-route=yes${dial}` ];
	}).join('\n') + '\n';
}

function field(title, node, hidden) {
	return E('div', { 'class': 'cbi-value', 'style': hidden ? 'display:none' : null }, [
		E('label', { 'class': 'cbi-value-title' }, [ title ]), E('div', { 'class': 'cbi-value-field' }, node)
	]);
}

return baseclass.extend({
	accountsOf, scriptOf,

	/* The dialog; `done` is called when lines were added. */
	open({ parent, taken, done }) {
		const port = E('input', { 'class': 'cbi-input-text', 'id': 'macvlan-many-port', 'list': 'macvlan-devices', 'value': parent ?? '' });
		const choices = E('div');
		const count = E('input', { 'class': 'cbi-input-text', 'id': 'macvlan-many-count', 'type': 'number', 'min': 1, 'max': 250, 'value': 2 });
		const accounts = E('textarea', { 'id': 'macvlan-many-accounts', 'rows': 5, 'style': 'width:100%', 'placeholder': 'user1 password1\nuser2 password2', 'autocomplete': 'off' });
		const group = E('input', { 'class': 'cbi-input-text', 'id': 'macvlan-many-group' });
		const said = E('div', { 'id': 'macvlan-many-said' });
		const kind = E('select', { 'class': 'cbi-input-select', 'id': 'macvlan-many-kind', 'change': () => shown() },
			Object.entries(KINDS).map(([ value, title ]) => E('option', { value }, [ title ])));
		const rows = { count: field(_('Lines'), count), accounts: field(_('Accounts, one a line'), accounts, true), group: field(_('Dial group'), group, true) };
		const shown = () => {
			const isPppoe = kind.value === 'pppoe';
			rows.count.style.display = isPppoe ? 'none' : '';
			rows.accounts.style.display = rows.group.style.display = isPppoe ? '' : 'none';
		};
		const run = isDry => Promise.resolve().then(() => {
			const wanted = { parent: port.value.trim(), count: Number(count.value), kind: kind.value, accounts: accountsOf(accounts.value), group: group.value.trim() };
			return lines.callImport(scriptOf(wanted, taken), isDry);
		}).then(answer => {
			if (isDry)
				return dom.content(said, E('pre', { 'class': 'macvlan-ops' }, [ (answer.ops ?? []).join('\n') ]));
			ui.hideModal();
			return done();
		}).catch(error => dom.content(said, E('div', { 'class': 'alert-message danger' }, [ lines.reasonOf(error) ])));
		ui.showModal(_('Add lines on one port'), [
			field(_('Port'), [ port, choices ]), field(_('Client of each'), kind), rows.count, rows.accounts, rows.group, said,
			E('div', { 'class': 'right' }, [
				E('button', { 'class': 'btn', 'click': ui.hideModal }, [ _('Cancel') ]), ' ',
				E('button', { 'class': 'btn cbi-button-neutral', 'data-action': 'preview', 'click': ui.createHandlerFn(this, () => run(true)) }, [ _('Preview') ]), ' ',
				E('button', { 'class': 'btn cbi-button-positive', 'data-action': 'add', 'click': ui.createHandlerFn(this, () => run(false)) }, [ _('Add') ])
			])
		]);
		ports.load().then(links => {
			const others = links.filter(({ name }) => !taken.has(name));
			const faults = ports.unsuitable(others, []);
			dom.content(choices, [ ports.offered(others, []), faults && E('div', { 'class': 'cbi-value-description' }, [ faults ]) ]);
		});
	}
});
