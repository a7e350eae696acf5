import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashOf, keyOf } from '../package-feed/lmo.ts';
import { catalogOf, languages } from '../package-feed/translations.ts';
import type { Machine } from '../src/runtime/machine.ts';
import type { Table } from '../src/ubus/blob.ts';
import type { UbusClient } from '../src/ubus/client.ts';
import { UbusError } from '../src/ubus/pending.ts';
import type { Change } from '../src/uci/changes.ts';
import { UciStore } from '../src/uci/store.ts';
import { UciWriter } from '../src/uci/writer.ts';

const TOP = join(dirname(fileURLToPath(import.meta.url)), '..');
const APP = join(TOP, 'package-feed/luci-app-macvlan');
/** LuCI's own client side (`htdocs` of luci-base) and theme where there is one to be tried; else our stand-in for it. */
const LUCI = process.env.MACVLAN_LUCI?.split(':') ?? [join(TOP, 'lab/web')];

/** What uhttpd's ubus module answers instead of a result (JSON-RPC). */
const ERRORS = {
  parse: [-32700, 'Parse error'],
  object: [-32000, 'Object not found'],
  access: [-32002, 'Access denied'],
} as const;
const OK = 0;
const PERMISSION_DENIED = 6;

/** Who may log in here, with the access groups of rpcd that they have; nobody has a password in a lab. */
const USERS: Readonly<Record<string, { read: string[]; write: string[] }>> = {
  root: { read: ['*'], write: ['*'] },
  viewer: { read: ['*'], write: [] },
};

/** `object` → methods, as in /usr/share/rpcd/acl.d. */
type Grants = Readonly<Record<string, readonly string[]>>;

interface Session {
  readonly user: string;
  readonly grants: Grants[];
  /** Whether it may change /etc/config/macvlan. */
  readonly mayWrite: boolean;
  /** What is to be changed there once it is applied. */
  staged: Change[];
}

/** One file of acl.d: groups with what those may who read or write in them. */
type Acl = Readonly<
  Record<string, Readonly<Partial<Record<'read' | 'write', { ubus?: Grants; uci?: readonly string[] }>>>>
>;

/**
 * The web side of a router, for development: pages of luci-app-macvlan on LuCI's client side or the stand-in, and `/ubus` as
 * uhttpd and rpcd answer it, with sessions and their rights.
 */
export class Web {
  readonly #bus: UbusClient;
  readonly #writer: UciWriter;
  readonly #server: Server;
  readonly #sessions = new Map<string, Session>();
  /** Actions of init scripts that were asked for. */
  readonly inits: string[] = [];
  /** Does what an init script would. */
  onInit: (action: string) => void = () => {};

  /** `configDir`: where macvland's configuration is. */
  constructor(machine: Machine, bus: UbusClient, configDir: string) {
    this.#bus = bus;
    this.#writer = new UciWriter(machine, new UciStore(machine, configDir));
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: Error) => response.writeHead(500).end(error.message));
    });
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    const address = this.#server.address() as { port: number };
    return `http://127.0.0.1:${address.port}/`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  login(user: string): string {
    const groups = USERS[user];
    if (!groups) throw new Error(`no user ${user} here; there are ${Object.keys(USERS).join(' and ')}`);
    const id = randomBytes(16).toString('hex');
    const grants = [...grantsOf('read', groups.read), ...grantsOf('write', groups.write)];
    this.#sessions.set(id, { user, grants, mayWrite: groups.write.includes('*'), staged: [] });
    return id;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'POST' && pathname.replace(/^\/+/, '/').startsWith('/ubus'))
      return this.#ubus(request, response);
    if (pathname.startsWith('/luci-static/')) return file(pathname, response);
    if (pathname.includes('/admin/uci/'))
      return this.#apply(pathname.split('/').at(-1)!, searchParams.get('sid') ?? '', response);
    if (pathname.includes('/admin/translations/'))
      return send(response, 'application/javascript', spoken(pathname.split('/').at(-1)!));
    const user = searchParams.get('user') ?? 'root';
    if (USERS[user] === undefined) return void response.writeHead(403).end(`no user ${user}`);
    const view = pathname.replace(/^\/(cgi-bin\/luci\/)?/, '') || 'admin/network/macvlan/overview';
    const sid = this.#sessionOf(request, user);
    response.setHeader('Set-Cookie', `sysauth_${user}=${sid}; HttpOnly; SameSite=Strict; Path=/`);
    return send(response, 'text/html; charset=utf-8', this.#page(view, sid, user, searchParams.get('lang') ?? 'en'));
  }

  /** The one that the browser has already, else a new one. */
  #sessionOf({ headers: { cookie = '' } }: IncomingMessage, user: string): string {
    const known = [...this.#sessions].find(([sid, session]) => session.user === user && cookie.includes(sid));
    return known?.[0] ?? this.login(user);
  }

  #page(path: string, sid: string, user: string, lang: string): string {
    const text = readFileSync(join(TOP, 'lab/web/page.html'), 'utf8');
    const view = path.replace(/^admin\/(network|status)\//, '');
    const environment = {
      token: '',
      media: '/luci-static/bootstrap',
      resource: '/luci-static/resources',
      scriptname: '/cgi-bin/luci',
      pathinfo: `/${path}`,
      documentroot: '/www',
      requestpath: path.split('/'),
      dispatchpath: path.split('/'),
      pollinterval: 1,
      ubuspath: '/ubus/',
      sessionid: sid,
      nodespec: { satisfied: true, readonly: USERS[user]!.write.length === 0, action: { type: 'view', path: view } },
      apply_rollback: 90,
      apply_holdoff: 4,
      apply_timeout: 5,
      apply_display: 1.5,
      rollback_token: null,
    };
    return text
      .replaceAll('{{view}}', view)
      .replaceAll('{{lang}}', lang)
      .replaceAll('{{user}}', user)
      .replace('{{environment}}', JSON.stringify(environment));
  }

  async #ubus(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    let message: unknown;
    try {
      message = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    } catch {
      return sendJson(response, failed(null, ERRORS.parse));
    }
    const answers = await Promise.all([message].flat().map((one) => this.#answer(one as Call)));
    sendJson(response, Array.isArray(message) ? answers : answers[0]);
  }

  async #answer({ id, method, params }: Call): Promise<unknown> {
    if (method === 'list') return { jsonrpc: '2.0', id, result: {} };
    const [sid = '', object = '', name = '', args = {}] = params ?? [];
    const session = this.#sessions.get(sid);
    if (!session || !allows(session, object, name)) return failed(id, ERRORS.access);
    if (object === 'uci') return { jsonrpc: '2.0', id, result: this.#uci(session, name, args) };
    if (object === 'luci-rpc') return { jsonrpc: '2.0', id, result: [OK, this.devices] };
    if (object === 'luci') return { jsonrpc: '2.0', id, result: [OK, this.#luci(name, args)] };
    if (object === 'session') return { jsonrpc: '2.0', id, result: [OK, { access: true, values: {} }] };
    try {
      // uhttpd adds it to every call.
      const data = await this.#bus.call(object, name, { ...args, ubus_rpc_session: sid });
      return { jsonrpc: '2.0', id, result: [OK, plain(data)] };
    } catch (error) {
      if (!(error instanceof UbusError)) throw error;
      if (error.status === 4 && error.data === undefined) return failed(id, ERRORS.object);
      return { jsonrpc: '2.0', id, result: [error.status, ...(error.data ? [plain(error.data)] : [])] };
    }
  }

  /** What `luci-rpc` knows of devices. */
  devices: Table = {};

  /** rpcd's object: changes of a session wait until they are applied. Of others' configurations there is nothing here. */
  #uci(session: Session, method: string, args: Table): unknown[] {
    const { config, section, type, name, values = {}, options } = args as unknown as UciCall;
    if (method === 'changes') return [OK, { changes: {} }];
    if (config !== 'macvlan' || !session.mayWrite) return [PERMISSION_DENIED];
    const id = section ?? name ?? '';
    const set = Object.entries(values).map(([option, value]): Change => ({ kind: 'set', section: id, option, value }));
    if (method === 'revert') session.staged = [];
    if (method === 'add') session.staged.push({ kind: 'add', type: type!, name: id }, ...set);
    if (method === 'set') session.staged.push(...set);
    if (method === 'delete' && options)
      session.staged.push(...options.map((option): Change => ({ kind: 'delete', section: id, option })));
    if (method === 'delete' && !options) session.staged.push({ kind: 'remove', section: id });
    return [OK];
  }

  /** LuCI's controller: what is applied goes into the file, and procd tells the daemon. */
  async #apply(what: string, sid: string, response: ServerResponse): Promise<void> {
    const session = this.#sessions.get(sid);
    if (session && what.startsWith('apply')) {
      const { staged } = session;
      if (staged.length === 0) return void response.writeHead(204).end();
      session.staged = [];
      this.#writer.change('macvlan', () => staged);
      await this.#bus.call('macvlan', 'reload');
    }
    if (what === 'apply_rollback') sendJson(response, { token: 'lab' });
    else response.writeHead(204).end();
  }

  /** What rpcd's own object does on a router. */
  #luci(method: string, { name, action }: Table): Table {
    if (method === 'getFeatures') return {};
    if (method !== 'setInitAction' || name !== 'macvlan') return { result: false };
    this.inits.push(String(action));
    this.onInit(String(action));
    return { result: true };
  }
}

interface UciCall {
  readonly config: string;
  readonly section?: string;
  readonly type?: string;
  readonly name?: string;
  readonly values?: Readonly<Record<string, string | readonly string[]>>;
  readonly options?: readonly string[];
}

interface Call {
  readonly id: unknown;
  readonly method: string;
  readonly params?: readonly [string?, string?, string?, Table?];
}

const failed = (id: unknown, [code, message]: readonly [number, string]) => ({
  jsonrpc: '2.0',
  id,
  error: { code, message },
});

/** int64 is a BigInt only where it has to be. */
function plain(data: Table): unknown {
  return JSON.parse(JSON.stringify(data, (_key, value) => (typeof value === 'bigint' ? Number(value) : value)));
}

/** What these groups may, by the files of our packages; `luci` and `session` are of LuCI's own. */
function grantsOf(kind: 'read' | 'write', groups: readonly string[]): Grants[] {
  if (groups.length === 0) return [];
  const folder = join(APP, 'root/usr/share/rpcd/acl.d');
  const acls = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Acl);
  const granted = acls.flatMap((acl) =>
    Object.entries(acl).flatMap(([name, { [kind]: rights }]): Grants[] =>
      rights?.ubus && (groups.includes('*') || groups.includes(name)) ? [rights.ubus] : [],
    ),
  );
  return [
    ...granted,
    {
      session: ['access'],
      luci: ['getFeatures'],
      uci: kind === 'write' ? ['add', 'set', 'delete', 'revert'] : ['changes'],
    },
  ];
}

function allows({ grants }: Session, object: string, method: string): boolean {
  return grants.some((grant) => grant[object]?.includes(method) === true);
}

/** What LuCI's controller answers: texts by their hashes. The stand-in's `_`, which has no hash, finds them by what they are. */
function spoken(language: string): string {
  if (!languages().includes(language)) return '';
  const { said, forms } = catalogOf(language);
  const texts: Record<string, string> = { '00000000': forms };
  for (const one of said)
    one.texts.forEach((text, form) => {
      const key = keyOf(one, form);
      texts[key] = texts[hashOf(key).toString(16).padStart(8, '0')] = text;
    });
  return `window.TR = ${JSON.stringify(texts)};`;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'application/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** Ours before LuCI's. */
function file(path: string, response: ServerResponse): void {
  const clean = normalize(path);
  const found = [join(APP, 'htdocs'), ...LUCI]
    .map((root) => (join(root, clean).startsWith(root) ? join(root, clean) : ''))
    .find((name) => name !== '' && statSync(name, { throwIfNoEntry: false })?.isFile());
  if (found === undefined) response.writeHead(404).end(`no ${clean}`);
  else send(response, TYPES[extname(found)] ?? 'application/octet-stream', readFileSync(found));
}

function send(response: ServerResponse, type: string, body: string | Buffer): void {
  response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(body);
}

function sendJson(response: ServerResponse, body: unknown): void {
  send(response, 'application/json', JSON.stringify(body));
}
