import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Answer, Session, type SessionOptions } from '../../src/console/session.ts';
import type { Table } from '../../src/ubus/blob.ts';
import { FakeRouter, sessionOptions } from './router.ts';

const commands = suite('console/commands');

const macvlan = (n: number, more: Record<string, string | number | boolean> = {}) => ({
  id: `macvlan_${n}`,
  name: `line${n}`,
  interface: 'ether1',
  mode: n % 2 ? 'bridge' : 'private',
  mtu: 1500,
  mac_address: `02:00:00:00:00:0${n}`,
  disabled: false,
  running: true,
  state: 'running',
  ...Object.fromEntries(
    ['rx', 'tx'].flatMap((way) => ['byte', 'packet', 'drop', 'error'].map((what) => [`${way}_${what}`, 0])),
  ),
  ...more,
});

interface Outcome {
  output: string;
  calls: string[];
  failure: string | undefined;
  files: Record<string, string>;
}

async function run(
  script: string,
  set: (router: FakeRouter) => void = () => {},
  more: Partial<SessionOptions> = {},
  files: Record<string, string> = {},
): Promise<Outcome> {
  const router = new FakeRouter({
    macvlan: [
      macvlan(1, { rx_byte: 1234567, tx_packet: 12 }),
      macvlan(2, {
        comment: 'second',
        state: 'down',
        running: false,
        about: 'parent ether1 has no carrier; check its cable',
      }),
    ],
    dhcp_client: [
      { id: 'dhcp_client_1', interface: 'line1', status: 'bound', address: '192.0.2.7/24', disabled: false },
    ],
  });
  set(router);
  let output = '';
  const options = sessionOptions(
    router,
    (text) => {
      output += text;
    },
    files,
  );
  const failure = await new Session({ ...options, ...more }).run(script);
  return { output, calls: router.calls, failure, files };
}

/** What a script has called, or written. */
const DONE: [script: string, calls: string[], output?: string][] = [
  [':put 5; :put ("a" . "b" . (1 + 2 * 3))', [], '5\nab7\n'],
  [':local n "line"; :put "$n-\\$n"', [], 'line-$n\n'],
  [':put [/interface macvlan find mode=private]', [], '*2\n'],
  [':put [/interface macvlan get line2 comment]', [], 'second\n'],
  ['/interface macvlan get [find name=line2] value-name=mac-address', [], '02:00:00:00:00:02\n'],
  [':put [/interface macvlan get number=line1 disabled]', [], 'no\n'],
  [':put [/interface macvlan print count-only where mtu in (1400,1500)]', [], '2\n'],
  [':put [/ip dhcp-client print as-value]', [], '.id=*1;interface=line1;status=bound;address=192.0.2.7/24\n'],
  [':if ([/interface macvlan get line2 mode] = "private" and !(1 > 2)) do={ :put yes } else={ :put no }', [], 'yes\n'],
  [':for i from=3 to=1 do={ :put $i }; :for i from=0 to=4 step=2 do={ :put $i }', [], '3\n2\n1\n0\n2\n4\n'],
  [
    ':foreach m in=[/interface macvlan find] do={ :put ("$m=" . [/interface macvlan get $m name]) }',
    [],
    '*1=line1\n*2=line2\n',
  ],
  [':foreach a in={1;"x y"} do={ :put $a }', [], '1\nx y\n'],
  [':do { :error "no" } on-error={ :put caught }', [], 'caught\n'],
  ['/interface macvlan { add interface=ether1 }', ['macvlan add {"interface":"ether1"}']],
  [
    '/interface macvlan\n:local id [add interface=ether1]\n/ip dhcp-client add interface=[/interface macvlan find name=line2]',
    ['macvlan add {"interface":"ether1"}', 'macvlan.dhcp_client add {"interface":"line2"}'],
  ],
  ['/interface macvlan add copy-from=line2 name=third', ['macvlan add {"copy_from":"macvlan_2","name":"third"}']],
  ['/interface macvlan reset line1 mtu mac', ['macvlan set {"mtu":null,"mac_address":null,"id":"macvlan_1"}']],
  ['/interface macvlan unset line1 value-name=comment', ['macvlan set {"comment":null,"id":"macvlan_1"}']],
  ['/interface macvlan set numbers=line1 mtu=1400', ['macvlan set {"mtu":"1400","id":"macvlan_1"}']],
  [
    '/interface macvlan reset-counters [find]',
    ['macvlan reset_counters {"id":"macvlan_1"}', 'macvlan reset_counters {"id":"macvlan_2"}'],
  ],
  ['/interface macvlan reset-c line2', ['macvlan reset_counters {"id":"macvlan_2"}']],
  [
    '/interface macvlan set [find] comment="a \\"b\\" \\$c" !mtu',
    [
      'macvlan import {"script":"/interface macvlan\\nset macvlan_1 comment=\\"a \\\\\\"b\\\\\\" \\\\$c\\" !mtu\\nset macvlan_2 comment=\\"a \\\\\\"b\\\\\\" \\\\$c\\" !mtu\\n"}',
    ],
  ],
  [
    '/interface macvlan diagnose line2',
    ['macvlan diagnose {"id":"macvlan_2"}'],
    'line2\n  ok     parent   ether1 is there\n  cause  carrier  ether1 has no carrier; this is said in many words to see that\n                  it goes on below\n                  -> check its cable\n',
  ],
  ['/interface macvlan diag', ['macvlan diagnose {}']],
  [
    '/interface macvlan scan ether1 duration=2s',
    ['macvlan scan {"interface":"ether1","duration":"2s"}'],
    'Columns: SERVICE, MAC-ADDRESS, AC-NAME\n# SERVICE   MAC-ADDRESS        AC-NAME\n0 internet  02:00:00:00:00:02  ac-one \n1           02:00:00:00:00:03  ac?two \n',
  ],
  ['/interface macvlan scan interface=line1', ['macvlan scan {"interface":"line1"}']],
  ['/interface macvlan plan', ['macvlan plan {}'], 'add link a\nadd link b\n'],
  ['/interface macvlan p count-only', [], '2\n'],
];

for (const [script, calls, output] of DONE) {
  commands(`does ${script.replaceAll('\n', ' ¶ ')}`, async () => {
    const outcome = await run(script, (router) => {
      router.answers['macvlan diagnose'] = {
        checks: [
          { item: 'line2', check: 'parent', result: 'ok', text: 'ether1 is there' },
          {
            item: 'line2',
            check: 'carrier',
            result: 'cause',
            text: 'ether1 has no carrier; this is said in many words to see that it goes on below',
            cure: 'check its cable',
          },
        ],
      };
      const servers = [
        { service: 'internet', mac_address: '02:00:00:00:00:02', ac_name: 'ac-one' },
        { service: '', mac_address: '02:00:00:00:00:03', ac_name: 'ac\x1btwo' },
      ];
      router.answers['macvlan scan'] = { servers };
      router.answers['macvlan plan'] = { ops: ['add link a', 'add link b'], problems: [] };
    });
    assert.is(outcome.failure, undefined);
    assert.equal(outcome.calls, calls);
    if (output !== undefined) assert.is(outcome.output, output);
  });
}

const FAILED: [script: string, failure: string][] = [
  ['/ip route print', 'menu /ip route is not available in this version (line 1 column 1)'],
  [':put $x', 'no variable x; \\$ in quotes is a dollar sign (line 1 column 6)'],
  [':set x 1', 'no variable x; \\$ in quotes is a dollar sign (line 1 column 6)'],
  [':put ("a" + 1)', '"a" is no whole number (line 1 column 11)'],
  [':put (1 / 0)', 'division by zero (line 1 column 9)'],
  [':error "my own"', 'my own (line 1 column 1)'],
  ['/interface macvlan get [find] name', 'get means one item (line 1 column 24)'],
  ['/interface macvlan get line1 nme', 'no property nme (line 1 column 30)'],
  ['/interface macvlan reset line1', 'missing value(s) of argument(s) numbers, value-name (line 1 column 1)'],
  ['/ip dhcp-client remove [/interface macvlan find]', 'items of another menu (line 1 column 24)'],
  ['/interface macvlan monitor line1 interval=1us', 'interval 1us is not a time of 200ms or more (line 1 column 1)'],
  ['/interface macvlan monitor-traffic', 'missing value(s) of argument(s) numbers (line 1 column 1)'],
  ['/interface macvlan scan', 'missing value(s) of argument(s) interface (line 1 column 1)'],
  ['/interface macvlan scan ether1 ether2', 'scan means one interface (line 1 column 1)'],
  ['/interface macvlan scan ether1 numbers=0', 'expected end of command (line 1 column 32)'],
  ['/interface macvlan diagnose interface=ether1', 'expected end of command (line 1 column 29)'],
  ['/interface monitor-traffic nobody', 'no such item (line 1 column 28)'],
  ['/import nothing', 'failure: no file nothing (line 1 column 1)'],
  ['/interface macvlan print file=/no/x', 'failure: open /no/x.txt: No such file or directory (line 1 column 1)'],
  [':for i from=1 to=200000 do={}', 'more than 100000 commands; is there a loop that does not end? (line 1 column 1)'],
  [
    ':local a "aaaaaaaa"; :for i from=1 to=60 do={ :set a "$a$a" }',
    'a value of more than 65536 characters (line 1 column 57)',
  ],
];
for (const [script, failure] of FAILED) {
  commands(`refuses ${script}`, async () => {
    const outcome = await run(script);
    assert.is(outcome.failure, failure);
  });
}

commands('print stats shows the counters, print does not', async () => {
  const { output } = await run(
    '/interface macvlan\nprint stats proplist=name,rx-byte,tx-packet\nprint detail where name=line1',
  );
  assert.match(output, /NAME {5}RX-BYTE {2}TX-PACKET\n0 R line1 {2}1 234 567 {9}12\n/);
  assert.not.match(output.split('Flags:').at(-1)!, 'rx-byte');
});

commands('monitor-traffic: rates from two looks, one line a look into a pipe', async () => {
  const { output } = await run('/interface monitor-traffic line1,line2 duration=2s', (router) => {
    router.onList = () => {
      for (const item of router.items.macvlan!) item.rx_byte = Number(item.rx_byte) + 125_000;
      router.items.macvlan![1]!.tx_packet = Number(router.items.macvlan![1]!.tx_packet) + 7;
    };
  });
  const [first, second] = output.split('\n');
  assert.match(first!, /name=line1 rx-packets-per-second=0 rx-bits-per-second=1.0Mbps/);
  assert.match(second!, /name=line2 .*tx-packets-per-second=7 tx-bits-per-second=0bps/);
});

commands('monitor: what is only read, drawn anew in its place on a terminal', async () => {
  let looks = 0;
  const { output } = await run('/interface macvlan monitor line2', undefined, {
    live: true,
    pause: async () => ++looks > 1,
  });
  const [first, second] = output.split('\x1b[3A\r\x1b[J');
  assert.is(first, second);
  assert.match(first!, / name: line2\n +state: down\n +about: parent ether1 has no carrier/);
});

commands('print follow into a pipe: again only when it is new', async () => {
  const { output } = await run('/interface macvlan print follow proplist=name interval=1 duration=4', (router) => {
    let lists = 0;
    router.onList = () => {
      if (++lists === 2) router.items.macvlan![0]!.name = 'renamed';
    };
  });
  assert.equal(
    output
      .match(/\S+ {0,9}\n/g)!
      .map((word) => word.trim())
      .filter((word) => /^(line|renamed)/.test(word)),
    ['line1', 'line2', 'renamed', 'line2'],
  );
});

commands('a table fits the terminal, but a file or a pipe has all of it', async () => {
  const print = '/interface macvlan print proplist=name,comment,mac-address,about';
  const long = (router: FakeRouter) => {
    router.items.macvlan![1]!.comment = 'a comment that is much too long';
  };
  const { output } = await run(print, long, { live: true, width: () => 60 });
  for (const line of output.split('\n').slice(2)) assert.ok(line.startsWith(';;;') || line.length <= 60, line);
  assert.match(output, /a comment .*\.\. /);
  assert.match((await run(print, long)).output, /much too long .*check its cable/);
});

commands('export: all of it, or what is below a menu, or into a file', async () => {
  const script = '# macvland\n/interface macvlan\nadd interface=ether1\n/ip dhcp-client\nadd interface=line1\n';
  const answer = (router: FakeRouter) => {
    router.answers['macvlan export'] = { script };
  };
  assert.is((await run('/export', answer)).output, script);
  assert.is((await run('/ip export', answer)).output, '/ip dhcp-client\nadd interface=line1\n');
  const { files, calls } = await run('/interface macvlan export verbose show-sensitive file=x', answer);
  assert.equal(files, { 'x.rsc': '/interface macvlan\nadd interface=ether1\n' });
  assert.equal(calls, ['macvlan export {"verbose":true,"terse":false,"show_sensitive":true}']);
});

commands('export netifd: a line as netifd would make it, its password not among it', async () => {
  const items = (router: FakeRouter) =>
    Object.assign(router.items, {
      macvlan: [
        macvlan(1, { actual_ifname: 'line1', actual_interface: 'eth0', mtu: 'auto' }),
        macvlan(2, { mode: 'source', mtu: 'auto' }),
      ],
      dhcp_client: [
        { id: 'c1', interface: 'line1', add_default_route: 'yes', default_route_distance: 2, use_peer_dns: false },
      ],
      pppoe_client: [
        {
          id: 'p1',
          name: "it's out",
          interface: 'line2',
          user: "o'me",
          keepalive_timeout: 10,
          max_mtu: 'auto',
          use_ipv6: true,
        },
      ],
    });
  assert.is(
    (await run('/export netifd=line1', items)).output,
    `config device 'line1_dev'
	option name 'line1'
	option type 'macvlan'
	option ifname 'eth0'
	option mode 'bridge'
	option macaddr '02:00:00:00:00:01'

config interface 'line1_4'
	option device 'line1'
	option proto 'dhcp'
	option metric '2'
	option peerdns '0'
`,
  );
  const { output } = await run(`/export netifd="it's out"`, items);
  assert.match(output, "# mode source is not one of netifd's: it would hear every host\nconfig device 'line2_dev'\n");
  assert.match(output, 'uci set network.it_s_out.password="$(uci get macvlan.p1.password)"\nconfig interface');
  assert.match(
    output,
    "option username 'o'\\''me'\n\toption keepalive '5 10'\n\toption ipv6 'auto'\n\toption defaultroute '0'\n",
  );
  assert.match(String((await run('/export netifd=nobody', items)).failure), /^no line nobody: /);
});

commands('import: what the daemon did and left out, or where it is wrong', async () => {
  const files = { 'a.rsc': '/interface macvlan\nadd interface=ether1\n' };
  const done = await run(
    '/import a dry-run',
    (router) => {
      router.answers['macvlan import'] = {
        done: 1,
        skipped: [
          { menu: '/ip dns', count: 2 },
          { command: ':log', count: 1 },
        ],
        ops: ['add link x'],
      };
    },
    {},
    files,
  );
  assert.is(
    done.output,
    'add link x\nleft out: menu /ip dns (2)\nleft out: command :log (1)\n1 command would be done\n',
  );
  assert.equal(done.calls, ['macvlan import {"script":"/interface macvlan\\nadd interface=ether1\\n","dry_run":true}']);
  const refuse: Answer = { error: 'no such item', line: 2, column: 5 };
  const { failure } = await run(
    '/import file-name=a.rsc',
    (router) => {
      router.refuse = refuse;
    },
    {},
    files,
  );
  assert.is(failure, 'failure: a.rsc line 2 column 5: no such item; nothing has been changed (line 1 column 1)');
});

commands('import verbose=yes: line by line, past what is not ours, up to what is wrong', async () => {
  const files = {
    a: '/ip dns\nset servers=192.0.2.1\n/ip dhcp-client\nadd vlan-priority=3 interface=ether1\nadd nme=y\n',
  };
  const { output, calls, failure } = await run('/import a verbose=yes', undefined, {}, files);
  assert.equal(calls, ['macvlan.dhcp_client add {"interface":"ether1"}']);
  assert.match(output, /#line 2\nset servers=192.0.2.1\nleft out: menu \/ip dns\n#line 4\n/);
  assert.is(
    failure,
    'failure: a line 5 column 5: expected end of command; 1 commands have been done (line 1 column 1)',
  );
});

commands('scan: a person is told when nobody answered, and others when one could not serve', async () => {
  const answer =
    (...servers: Table[]) =>
    (router: FakeRouter) => {
      router.answers['macvlan scan'] = { servers };
    };
  const none = '/interface macvlan scan ether1';
  assert.is((await run(none, answer(), { live: true })).output, 'no server answered on ether1\n');
  assert.is((await run(none, answer())).output, '');
  const full = { service: '', mac_address: '02:00:00:00:00:02', ac_name: 'ac-one', error: 'full' };
  assert.match((await run(none, answer(full))).output, /0 02:00:00:00:00:02 {2}ac-one {3}full *\n$/);
  assert.equal(JSON.parse((await run(none, answer(full), { json: true })).output), { servers: [full] });
});

commands('--json: what ubus answers', async () => {
  const json = { json: true };
  const { output } = await run('/interface macvlan print where name=line2', undefined, json);
  const { macvlan: found, total } = JSON.parse(output);
  assert.equal([found.length, found[0].mac_address, total], [1, '02:00:00:00:00:02', 1]);
  assert.equal(JSON.parse((await run('/interface macvlan add interface=ether1', undefined, json)).output), {
    id: 'macvlan_1',
  });
});

commands('status: every line with its state, its address and why it is down', async () => {
  const { output } = await run('/status', (router) => {
    router.answers['macvlan status'] = {
      version: '1.2',
      macvlan: 2,
      dhcp_client: 1,
      children: 1,
      problems: [{ section: 'x', line: 3, error: 'mtu "9" is not valid' }],
    };
    router.onList = () => {
      router.items.macvlan![0]!.rx_byte = Number(router.items.macvlan![0]!.rx_byte) + 1000;
    };
  });
  assert.match(
    output,
    /^macvland 1.2; \/interface macvlan: 2, \/ip dhcp-client: 1[^;]*;\s+children:\s+1\n;;; config\/macvlan:3: x: mtu "9" is not valid\n/,
  );
  assert.match(output, /line1 +running +192\.0\.2\.7\/24 +(8|16)\.0kbps +0bps/);
  assert.match(output.replace(/\s+/g, ' '), /line2 down 0bps 0bps parent ether1 has no carrier; check its cable/);
});

commands('status: all addresses of a line and what it serves stand with it, others do not', async () => {
  const on = { interface: 'line1', disabled: false };
  const { output } = await run('/status', (router) => {
    router.answers['macvlan status'] = { version: '1', children: 0 };
    router.items.macvlan![0]!.actual_ifname = 'line1-4adf';
    router.items.dhcpv6_client = [{ id: 'v6', ...on, status: 'bound', address: '2001:db8::5/128' }];
    router.items.address = [
      { id: 'a1', ...on, address: '192.168.100.1/24' },
      { id: 'a2', ...on, address: '192.168.101.1/24', disabled: true },
      { id: 'a3', address: '203.0.113.9/24', interface: 'ether3', disabled: false },
    ];
    router.items.arp = [
      { id: 'arp1', ...on, address: '192.168.100.77' },
      { id: 'arp2', ...on, address: '192.168.100.78', about: 'its link is down' },
    ];
    const network = { actual_interface: 'line1-4adf', disabled: false };
    router.items.dhcp_network = [
      { id: 'n1', ...network, address: '192.168.100.0/24', status: 'serving', leases: 2 },
      { id: 'n2', ...network, address: '10.0.0.0/24', status: 'stopped', disabled: true },
      {
        id: 'n3',
        address: '10.1.0.0/24',
        status: 'waiting',
        about: 'no interface has an address in it',
        disabled: false,
      },
    ];
    router.items.dhcp_server = [{ id: 's', ...on, name: 'dhcp1', status: 'error', about: 'dnsmasq is not installed' }];
  });
  const text = output.replace(/ +/g, ' ');
  assert.match(text, /line1 running 192\.0\.2\.7\/24 2001:db8::5\/128 192\.168\.100\.1\/24 /);
  for (const part of ['serves 192.168.100.0/24 (leases: 2)', 'error; dnsmasq is not installed', 'its link is down'])
    assert.ok(text.replace(/\s+/g, ' ').includes(part), `${part} in ${output}`);
  for (const part of ['192.168.101.1', '192.168.100.77', '10.0.0.0', '10.1.0.0'])
    assert.not.ok(text.includes(part), part);
  assert.match(text, /ether3 203\.0\.113\.9\/24/);
});

commands('leases of our servers are printed and found like items, and not written', async () => {
  const row = { mac_address: '02:00:00:00:00:01', server: 'dhcp1', status: 'bound', expires_after: 90, dynamic: true };
  const leases = [
    { id: 'lease_1', address: '192.0.2.7', ...row },
    { id: 'lease_2', address: '192.0.2.8', ...row, host_name: 'b' },
  ];
  const script = '/ip dhcp-server lease\nprint where host-name=b\n:put [get 0 expires-after]\nset 0 comment=x';
  const { output, failure } = await run(script, (router) => {
    router.answers['macvlan.dhcp_server leases'] = { leases, total: 2 };
  });
  assert.match(output, /^0 D 192\.0\.2\.8 +02:00:00:00:00:01 +b +dhcp1 +bound +1m30s *\n1m30s$/m);
  assert.match(String(failure), /^command set of \/ip dhcp-server lease is not available in this version/);
});

commands.run();
