/*
 * For development and tests without LuCI: a loader of its views with as much of its classes as our pages use. Our own; on a
 * router, and with MACVLAN_LUCI, the real ones are in its place.
 */
((window) => {
  class Base {
    constructor(...args) {
      this.__init__(...args);
    }

    __init__() {}

    static extend(properties) {
      const made = class extends this {};
      for (const [name, value] of Object.entries(properties)) made.prototype[name] = value;
      return made;
    }
  }

  const dom = {
    content(node, children) {
      node.replaceChildren();
      return dom.append(node, children);
    },

    append(node, children) {
      for (const child of [children].flat(Infinity)) {
        if (child === null || child === undefined || child === '') continue;
        node.append(child instanceof Node ? child : String(child));
      }
      return node;
    },

    create(tag, attributes, children) {
      const node = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes ?? {})) {
        if (value === null || value === undefined || value === false) continue;
        if (typeof value === 'function') node.addEventListener(name, value);
        else node.setAttribute(name, value === true ? '' : value);
      }
      return dom.append(node, children ?? []);
    },
  };

  const poll = {
    add(fn, seconds) {
      const every = (seconds ?? L.env.pollinterval) * 1000;
      const again = () =>
        window.setTimeout(
          () =>
            Promise.resolve(fn())
              .catch(() => {})
              .then(again),
          every,
        );
      again();
      return true;
    },
  };

  /* Calls of one turn go together. */
  let batch = null;
  let id = 0;

  function send(params) {
    return new Promise((resolve, reject) => {
      batch ?? window.queueMicrotask(flush);
      batch ??= [];
      batch.push({
        message: { jsonrpc: '2.0', id: ++id, method: 'call', params: [L.env.sessionid, ...params] },
        resolve,
        reject,
      });
    });
  }

  function flush() {
    const calls = batch;
    batch = null;
    fetch(L.env.ubuspath, { method: 'POST', body: JSON.stringify(calls.map(({ message }) => message)) })
      .then((response) => response.json())
      .then((answers) =>
        calls.forEach(({ message, resolve, reject }) => {
          const { error, result } = answers.find((answer) => answer.id === message.id);
          if (error)
            reject(
              new Error(
                `RPC call to ${message.params[1]}/${message.params[2]} failed with error ${error.code}: ${error.message}`,
              ),
            );
          else resolve(result);
        }),
      )
      .catch((error) => calls.forEach(({ reject }) => reject(error)));
  }

  const rpc = {
    declare({ object, method, params = [], expect, reject, filter }) {
      return (...args) =>
        send([object, method, Object.fromEntries(params.map((name, n) => [name, args[n]]))]).then((result) => {
          if (reject && result[0] !== 0)
            throw new Error(`RPC call to ${object}/${method} failed with ubus code ${result[0]}`);
          let answer = result.length > 1 ? result[1] : result[0];
          for (const [key, fallback] of Object.entries(expect ?? {})) {
            if (answer !== null && answer !== undefined && key !== '') answer = answer[key];
            if (Object.prototype.toString.call(answer) !== Object.prototype.toString.call(fallback)) answer = fallback;
          }
          return filter ? filter(answer, args) : answer;
        });
    },
  };

  const ui = {
    showModal(title, children, ...classes) {
      ui.hideModal();
      const box = dom.create('div', { class: ['modal', 'cbi-modal', ...classes].join(' '), role: 'dialog' }, [
        dom.create('h4', {}, [title]),
        children,
      ]);
      document.body.append(dom.create('div', { id: 'modal_overlay' }, [box]));
      document.body.classList.add('modal-overlay-active');
      return box;
    },

    hideModal() {
      document.getElementById('modal_overlay')?.remove();
      document.body.classList.remove('modal-overlay-active');
    },

    addNotification(title, children, ...classes) {
      const close = dom.create('button', { class: 'btn', click: () => node.remove() }, [_('Dismiss')]);
      const node = dom.create('div', { class: ['alert-message', 'fade-in', ...classes].join(' ') }, [
        title ? dom.create('h4', {}, [title]) : '',
        children,
        close,
      ]);
      document.getElementById('maincontent').prepend(node);
      return node;
    },

    createHandlerFn(context, fn, ...args) {
      const run = typeof fn === 'string' ? context[fn] : fn;
      return (event) => {
        const button = event.currentTarget;
        button.classList.add('spinning');
        button.disabled = true;
        return Promise.resolve(run.call(context, ...args, event)).finally(() => {
          button.classList.remove('spinning');
          button.disabled = false;
        });
      };
    },

    changes: {
      /* LuCI's own asks whether the page is still reached, and takes all back when it is not confirmed. */
      apply(checked) {
        return fetch(`${L.url('admin/uci', checked ? 'apply_rollback' : 'apply_unchecked')}?sid=${L.env.sessionid}`, { method: 'POST' })
          .then(() => {
            document.dispatchEvent(new CustomEvent('uci-applied'));
            window.location.reload();
          });
      }
    },

    instantiateView(path) {
      return load(`view/${path.replace(/\//g, '.')}`).catch((error) => {
        dom.content(
          document.getElementById('view'),
          dom.create('div', { class: 'alert-message danger' }, [String(error.stack)]),
        );
      });
    },
  };

	/* What belongs to a page whose changes are to be applied. */
	function footer(view) {
		const button = (name, title, style, run) => run && dom.create('button', { 'class': `btn ${style}`, 'data-action': name, 'click': ui.createHandlerFn(view, run) }, [ title ]);
		const buttons = [ button('apply', 'Save & Apply', 'cbi-button-apply', view.handleSaveApply), button('reset', 'Reset', 'cbi-button-reset', view.handleReset) ].filter(Boolean);
		return buttons.length > 0 ? dom.create('div', { 'class': 'cbi-page-actions' }, buttons) : '';
	}

  const View = Base.extend({
    load() {},
    render() {},

    __init__() {
      const node = document.getElementById('view');
      Promise.resolve(this.load())
        .then((data) => this.render(data))
        .then((nodes) => dom.content(node, [nodes, footer(this)]))
        .catch((error) => {
          dom.content(node, dom.create('div', { class: 'alert-message danger' }, [String(error.stack)]));
        });
    },
  });

  const modules = { baseclass: Base, dom, poll, rpc, ui, view: View };
  const loading = new Map();

  /* A file names what it needs in directives, as `require NAME as SHORT`. */
  function load(name) {
    if (modules[name]) return Promise.resolve(modules[name]);
    if (!loading.has(name)) loading.set(name, fetchModule(name));
    return loading.get(name);
  }

  async function fetchModule(name) {
    const response = await fetch(`${L.env.resource}/${name.replace(/\./g, '/')}.js`);
    if (!response.ok) throw new Error(`no module ${name}`);
    const source = await response.text();
    const needs = [...source.matchAll(/^'require ([\w.]+)(?: as (\w+))?';$/gm)].map(([, path, as]) => [
      path,
      as ?? path,
    ]);
    const values = await Promise.all(needs.map(([path]) => load(path)));
    const made = new Function(
      'window',
      'document',
      'L',
      ...needs.map(([, as]) => as),
      `${source}\n//# sourceURL=${name}.js`,
    )(window, document, window.L, ...values);
    return typeof made === 'function' ? new made() : made;
  }

  window.E = dom.create;
  window.LuCI = class {
    constructor(env) {
      this.env = env;
      this.Class = Base;
    }

    require(name) {
      return load(name);
    }

    hasViewPermission() {
      return this.env.nodespec.readonly ? false : true;
    }

    url(...parts) {
      return [this.env.scriptname, ...parts].join('/');
    }

    resolveDefault(value, fallback) {
      return Promise.resolve(value).catch(() => fallback);
    }
  };
})(window);
