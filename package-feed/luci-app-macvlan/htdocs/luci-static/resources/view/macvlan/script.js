'use strict';
'require view';
'require dom';
'require ui';
'require macvlan.lines as lines';

/* What an import would do, or did. */
function outcome(answer, isDry) {
	const skipped = answer.skipped ?? [];
	return [
		E('p', {}, [ isDry ? _('Nothing was changed. An import would do this:') : _('Done: %d commands.').format(answer.done ?? 0) ]),
		isDry ? E('pre', { 'class': 'macvlan-ops' }, [ (answer.ops ?? []).join('\n') || _('Nothing: all of it is there already.') ]) : '',
		skipped.length > 0 ? E('p', {}, [ _('Left out, because it is not known here:') ]) : '',
		E('ul', {}, skipped.map(({ menu, command, property, count }) => E('li', {}, [
			[ menu, command, property ].filter(Boolean).join(' ') + (count > 1 ? ` × ${count}` : '')
		])))
	];
}

/* Where in the script it was. */
function failure(error) {
	const { line, column } = error.data ?? {};
	const place = line ? ` (${_('line %d column %d').format(line, column)})` : '';
	return [ E('div', { 'class': 'alert-message danger' }, [ lines.reasonOf(error) + place ]) ];
}

return view.extend({
	load() {
		return lines.callExport(false).then(({ script }) => script, () => '');
	},

	render(exported) {
		const isReadOnly = !L.hasViewPermission();
		const text = E('textarea', { 'id': 'macvlan-script', 'rows': 12, 'style': 'width:100%;font-family:monospace', 'spellcheck': 'false',
			'placeholder': '/interface macvlan add interface=ether1 name=macvlan1' });
		const said = E('div', { 'id': 'macvlan-said' });
		const run = isDry => lines.callImport(text.value, isDry)
			.then(answer => dom.content(said, outcome(answer, isDry)), error => dom.content(said, failure(error)));
		const copy = E('pre', { 'id': 'macvlan-export' }, [ exported || _('Only who may change lines may read them as a script.') ]);
		return E('div', { 'class': 'cbi-map' }, [
			E('h2', {}, [ _('RouterOS') ]),
			E('div', { 'class': 'cbi-section' }, [
				E('h3', {}, [ _('Import') ]),
				E('div', { 'class': 'cbi-section-descr' }, [ _('Paste a RouterOS script. All of it is done as one change, or nothing.') ]),
				text,
				E('div', { 'class': 'right' }, [
					E('button', { 'class': 'btn cbi-button-neutral', 'data-action': 'try', 'disabled': isReadOnly || null,
						'click': ui.createHandlerFn(this, () => run(true)) }, [ _('See what it would do') ]), ' ',
					E('button', { 'class': 'btn cbi-button-apply', 'data-action': 'import', 'disabled': isReadOnly || null,
						'click': ui.createHandlerFn(this, () => run(false)) }, [ _('Import') ])
				]),
				said
			]),
			E('div', { 'class': 'cbi-section' }, [
				E('h3', {}, [ _('Export') ]),
				E('div', { 'class': 'cbi-section-descr' }, [ _('Everything as a script that makes it again, without passwords.') ]),
				copy
			])
		]);
	},

	handleSaveApply: null,
	handleSave: null,
	handleReset: null
});
