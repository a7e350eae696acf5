import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RuntimeName, until } from '../../lab/lab.ts';
import { Router } from './router.ts';
import { heard } from './wire.ts';

/** Static addresses, as the manual sets them and beyond; the provider has the other side of each on `wire`. */

/** As the manual has it, word for word. */
const STATIC = `/interface macvlan
add interface=ether1 name=macvlan1
/ip address
add address=203.0.113.1/24 interface=ether1
add address=203.0.113.2/24 interface=macvlan1
`;
const MULTIPLE = `# Create MACVLAN interfaces on the WAN port
/interface macvlan add interface=ether1 name=macvlan1
/interface macvlan add interface=ether1 name=macvlan2
/interface macvlan add interface=ether1 name=macvlan3
# Assign IP addresses to each virtual interface
/ip address add address=203.0.113.10/30 interface=ether1
/ip address add address=203.0.113.14/30 interface=macvlan1
/ip address add address=203.0.113.18/30 interface=macvlan2
/ip address add address=203.0.113.22/30 interface=macvlan3
`;
/** The provider's address in each of those networks, and ours. */
const PAIRS = [
  ['203.0.113.9', '203.0.113.10', 'ether1'],
  ['203.0.113.13', '203.0.113.14', 'macvlan1'],
  ['203.0.113.17', '203.0.113.18', 'macvlan2'],
  ['203.0.113.21', '203.0.113.22', 'macvlan3'],
] as const;
/** Somewhere behind the provider. */
const FAR = '192.0.2.99';

for (const runtime of ['qjs', 'node'] as RuntimeName[]) {
  const test = suite(`static addresses under ${runtime}`);
  let router: Router;
  const inRouter = (...command: string[]) => router.lab.in(router.lab.router, ...command);
  const inIsp = (...command: string[]) => router.lab.in(router.lab.isp, ...command);
  const atIsp = (...addresses: string[]) => {
    for (const address of addresses) inIsp('ip', 'address', 'add', ...address.split(' '), 'dev', 'wire');
  };
  const answers = (source: string, address: string) =>
    inIsp('sh', '-c', `ping -qc1 -W2 -I ${source} ${address} || true`).includes(' 0% packet loss');
  const list = () => router.list('address');
  const lines = (what: string, ...args: string[]) =>
    inRouter('ip', '-4', '-o', what, 'show', ...args)
      .split('\n')
      .filter(Boolean);
  const macOf = (ifname: string) =>
    JSON.parse(inRouter('ip', '-json', 'link', 'show', 'dev', ifname))[0].address.toUpperCase();
  const script = (text: string) => {
    const { status, stdout, stderr } = router.lab.console(text);
    assert.is(stderr, '');
    assert.is(status, 0);
    return stdout;
  };
  const clear = async () => {
    for (const { id } of await list()) await router.call('macvlan.address', 'remove', { id: String(id) });
    for (const { id } of await router.list('macvlan')) await router.call('macvlan', 'remove', { id: String(id) });
  };
  /** Who answers when the provider asks for addresses: each with its MAC, as often as it does. */
  const owners = async (pairs: readonly (readonly [source: string, address: string, ...unknown[]])[]) => {
    // A link that has just come up loses what it is to send for a moment.
    for (const [source, address] of pairs) await until(`an answer of ${address}`, () => answers(source, address));
    inIsp('ip', 'neigh', 'flush', 'all');
    const replies = await heard(router.lab, 'arp[6:2] = 2', () => {
      for (const [source, address] of pairs) assert.ok(answers(source, address), `${source} reaches ${address}`);
    });
    const all = replies.map(({ from, text }) => [/ ([\d.]+) is-at/.exec(text)?.[1], from]);
    return all.filter(([address]) => pairs.some(([, ours]) => ours === address)).sort();
  };

  test.before(async () => {
    router = await Router.start(runtime);
    inIsp('ip', 'address', 'add', `${FAR}/32`, 'dev', 'lo');
    for (const name of ['all', 'default', 'ether1']) inRouter('sysctl', '-qw', `net.ipv4.conf.${name}.rp_filter=1`);
  });
  test.after(() => router.close());

  test("the manual's first example: two addresses of one network, each on its own interface", async () => {
    atIsp('203.0.113.99/24');
    script(STATIC);
    assert.equal(router.addressesOf('ether1'), ['203.0.113.1']);
    assert.equal(router.addressesOf('macvlan1'), ['203.0.113.2']);
    assert.equal(
      await owners([
        ['203.0.113.99', '203.0.113.1'],
        ['203.0.113.99', '203.0.113.2'],
      ]),
      [
        ['203.0.113.1', macOf('ether1')],
        ['203.0.113.2', macOf('macvlan1')],
      ],
    );
    await clear();
    assert.equal(lines('address', 'dev', 'ether1'), []);
    inIsp('ip', 'address', 'del', '203.0.113.99/24', 'dev', 'wire');
  });

  test("the manual's multiple public addresses: each is reached, and answered for once, by its own MAC", async () => {
    atIsp(...PAIRS.map(([isp]) => `${isp}/30`));
    script(MULTIPLE);
    const routes = lines('route', 'proto', '109').map((line) => line.replace(/ +scope.*/, ''));
    for (const [, ours, ifname] of PAIRS) {
      assert.equal(router.addressesOf(ifname), [ours]);
      const network = ours.replace(/\d+$/, (last) => String(Number(last) - 2));
      assert.ok(routes.includes(`${network}/30 dev ${ifname}`), `${network} in ${routes}`);
    }
    assert.equal(await owners(PAIRS), PAIRS.map(([, address, ifname]) => [address, macOf(ifname)]).sort());
  });

  test('print shows them as RouterOS does', () => {
    assert.is(
      script('/ip address print\n').replace(/ +$/gm, ''),
      [
        'Columns: ADDRESS, NETWORK, INTERFACE',
        '# ADDRESS          NETWORK       INTERFACE',
        '0 203.0.113.10/30  203.0.113.8   ether1',
        '1 203.0.113.14/30  203.0.113.12  macvlan1',
        '2 203.0.113.18/30  203.0.113.16  macvlan2',
        '3 203.0.113.22/30  203.0.113.20  macvlan3',
        '',
      ].join('\n'),
    );
  });

  test('with a gateway it is reached from everywhere', async () => {
    assert.not(answers(FAR, '203.0.113.14'));
    script('/ip address set [find interface=macvlan1] gateway=203.0.113.13\n');
    await until('an answer', () => answers(FAR, '203.0.113.14'));
    inRouter('ping', '-qc1', '-W2', FAR);
  });

  test("without one it answers by that of another line, or of somebody else's default route", async () => {
    atIsp('10.0.8.1/24');
    const leavesBy = (ifname: string) =>
      until(`answers by ${ifname}`, async () => {
        const replies = await heard(router.lab, `icmp[icmptype] = icmp-echoreply and dst ${FAR}`, () =>
          answers(FAR, '10.0.8.3'),
        );
        return replies.length === 1 && replies[0]?.from === macOf(ifname);
      });
    script(
      '/ip address\nadd address=10.0.8.2/24 interface=macvlan1 gateway=10.0.8.1\nadd address=10.0.8.3/24 interface=macvlan2\n',
    );
    await leavesBy('macvlan2');
    script('/ip address remove [find address="10.0.8.2/24"]\n');
    // Then by the way that all lines share.
    await leavesBy('macvlan1');
    inRouter('ip', 'address', 'add', '10.0.8.9/24', 'dev', 'ether1');
    inRouter('ip', 'route', 'add', 'default', 'via', '10.0.8.1');
    await leavesBy('macvlan2');
    inRouter('ip', 'address', 'del', '10.0.8.9/24', 'dev', 'ether1');
    script('/ip address remove [find address="10.0.8.3/24"]\n');
  });

  test('the same address twice is refused with who has it, and nothing is changed', async () => {
    const before = router.config;
    inRouter('ip', 'link', 'add', 'other', 'type', 'veth', 'peer', 'name', 'end');
    inRouter('ip', 'address', 'add', '192.168.1.1/24', 'dev', 'other');
    const rows: [address: string, holder: string][] = [
      ['203.0.113.14/24', 'macvlan1 (address_2)'],
      ['192.168.1.1/32', 'other, where somebody else has set it'],
    ];
    for (const [address, holder] of rows) {
      const { stderr, status } = router.lab.console(
        '',
        '/ip',
        'address',
        'add',
        `address=${address}`,
        'interface=macvlan3',
      );
      const host = address.split('/')[0];
      assert.match(stderr, `failure: already have such address: ${host} is on ${holder} (line 1 column `);
      assert.is(status, 1);
    }
    const own = await router.refusal('macvlan.address', 'add', { address: '203.0.113.12/30', interface: 'macvlan3' });
    assert.match(String(own.error), /^address 203\.0\.113\.12\/30 is the network address of its network/);
    assert.is(own.status, 2);
    assert.is(router.config, before);
    inRouter('ip', 'link', 'delete', 'other');
  });

  test('disabled it is gone, enabled it is back', async () => {
    script('/ip address disable [find interface=macvlan2]\n');
    assert.equal(router.addressesOf('macvlan2'), []);
    assert.match(script('/ip address print where interface=macvlan2\n'), /^Flags: X - DISABLED\n/);
    script('/ip address enable [find interface=macvlan2]\n');
    await until('an answer', () => answers('203.0.113.17', '203.0.113.18'));
  });

  test('a netmask is a length, /31 has two hosts, and a /32 another end', async () => {
    script(
      [
        '/ip address add address=10.0.0.2 netmask=255.255.255.0 interface=macvlan1',
        '/ip address add address=10.0.3.0/31 interface=macvlan2',
        '/ip address add address=10.0.5.1 network=10.9.9.9 interface=macvlan3',
        '',
      ].join('\n'),
    );
    atIsp('10.0.0.1/24', '10.0.3.1/31', '10.9.9.9 peer 10.0.5.1/32');
    assert.match(lines('address', 'dev', 'macvlan1').join(), /inet 10\.0\.0\.2\/24 brd 10\.0\.0\.255 /);
    assert.match(lines('address', 'dev', 'macvlan2').join(), /inet 10\.0\.3\.0\/31 scope/);
    assert.match(lines('address', 'dev', 'macvlan3').join(), /inet 10\.0\.5\.1 peer 10\.9\.9\.9\/32 scope/);
    assert.equal(
      await owners([
        ['10.0.0.1', '10.0.0.2'],
        ['10.0.3.1', '10.0.3.0'],
        ['10.9.9.9', '10.0.5.1'],
      ]),
      [
        ['10.0.0.2', macOf('macvlan1')],
        ['10.0.3.0', macOf('macvlan2')],
        ['10.0.5.1', macOf('macvlan3')],
      ],
    );
    inRouter('ping', '-qc1', '-W2', '-I', '10.0.5.1', '10.9.9.9');
    script('/ip address set [find network=10.9.9.9] network=10.9.9.8\n');
    assert.match(lines('address', 'dev', 'macvlan3').join(), /inet 10\.0\.5\.1 peer 10\.9\.9\.8\/32 scope/);
    script('/ip address set [find address~"10.0.0.2"] broadcast=255.255.255.255\n');
    assert.match(lines('address', 'dev', 'macvlan1').join(), /inet 10\.0\.0\.2\/24 brd 255\.255\.255\.255 /);
  });

  test('a crash and a new start: nothing moves, no packet is lost, nothing is left to do', async () => {
    const look = () => [...lines('address'), ...lines('route', 'table', 'all'), inRouter('ip', 'rule')];
    const before = look();
    await router.lab.stopDaemon('SIGKILL');
    assert.is(router.lab.daemonOnce('--plan').stdout, '');
    const pinging = inIsp('ping', '-q', '-i', '0.05', '-c', '10', '-W', '1', '203.0.113.18');
    await router.startDaemon();
    assert.match(pinging, / 0% packet loss/);
    assert.equal(look(), before);
  });

  test('when the parent has gone and come back, so have they', async () => {
    inIsp('ip', 'link', 'delete', 'wire');
    await until('the addresses to be told', async () => (await list()).every(({ invalid }) => invalid === true));
    assert.match(script('/ip address print where interface=ether1\n'), /^Flags: I - INVALID\n/);
    assert.is((await list())[0]?.about, 'interface ether1 does not exist; it is waited for');
    router.lab.plug();
    atIsp(...PAIRS.map(([isp]) => `${isp}/30`), '10.0.3.1/31');
    await until('the addresses', async () => (await list()).every(({ about }) => about === undefined));
    assert.equal(await owners(PAIRS), PAIRS.map(([, address, ifname]) => [address, macOf(ifname)]).sort());
  });

  test('what others have set on the port stays, also behind an older address of ours', async () => {
    script('/ip address add address=172.16.0.1/24 interface=ether1\n');
    inRouter('ip', 'address', 'add', '172.16.0.2/24', 'dev', 'ether1');
    assert.match(lines('address', 'dev', 'ether1').join('\n'), /172\.16\.0\.2\/24 .* secondary/);
    script('/ip address remove [find address="172.16.0.1/24"]\n');
    assert.equal(router.addressesOf('ether1').sort(), ['172.16.0.2', '203.0.113.10']);
    assert.is(inRouter('sysctl', '-n', 'net.ipv4.conf.ether1.promote_secondaries').trim(), '0');
  });

  test('--down leaves nothing of ours', async () => {
    await router.lab.stopDaemon('SIGTERM');
    assert.is(router.lab.daemonOnce('--down').status, 0);
    assert.equal(router.links(), []);
    assert.equal(router.addressesOf('ether1'), ['172.16.0.2']);
    assert.equal(lines('route', 'table', 'all', 'proto', '109'), []);
    assert.not.match(inRouter('ip', 'rule'), '28022');
    assert.is(inRouter('nft', 'list', 'ruleset'), '');
  });

  test.run();
}
