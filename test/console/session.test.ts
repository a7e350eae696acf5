import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Answer, Session } from '../../src/console/session.ts';
import { FakeRouter, type Row, sessionOptions } from './router.ts';

const session = suite('console/session');

const MACVLANS: Row[] = [
  {
    id: 'macvlan_1',
    name: 'macvlan1',
    interface: 'ether1',
    mode: 'bridge',
    mtu: 1500,
    mac_address: '02:00:00:00:00:01',
    disabled: false,
    running: true,
  },
  {
    id: 'macvlan_2',
    name: 'Domestic Link',
    interface: 'ether1',
    mode: 'private',
    about: 'mac_address is another one',
    mtu: 1400,
    mac_address: '02:00:00:00:00:02',
    comment: 'second',
    disabled: true,
    running: false,
  },
  {
    id: 'uplink',
    name: 'uplink',
    interface: 'ether2',
    mode: 'bridge',
    mtu: 1500,
    mac_address: '02:00:00:00:00:03',
    disabled: false,
    running: false,
  },
];
const CLIENTS: Row[] = [
  {
    id: 'dhcp_client_1',
    interface: 'ether1',
    add_default_route: true,
    use_peer_dns: true,
    default_route_distance: 1,
    disabled: false,
    status: 'bound',
    address: '192.0.2.7/24',
    expires_after: 584,
  },
];

interface Outcome {
  calls: string[];
  output: string;
  failure: string | undefined;
}

function fakeRouter(): FakeRouter {
  return new FakeRouter({ macvlan: MACVLANS, dhcp_client: CLIENTS });
}

async function run(script: string, refuse?: Answer): Promise<Outcome> {
  const router = fakeRouter();
  router.refuse = refuse;
  let output = '';
  const write = (text: string) => {
    output += text;
  };
  const failure = await new Session(sessionOptions(router, write)).run(script);
  return { calls: router.calls, output, failure };
}

const SCRIPTS: { title: string; script: string; calls: string[] }[] = [
  {
    title: 'the menu on a line of its own holds for the following ones',
    script: '/interface macvlan\nadd interface=ether1 name=a\nadd interface=ether1 name=b',
    calls: ['macvlan add {"interface":"ether1","name":"a"}', 'macvlan add {"interface":"ether1","name":"b"}'],
  },
  {
    title: 'both syntaxes of a path',
    script: '/interface/macvlan/add interface=ether1\n/ip dhcp-client add interface=ether1',
    calls: ['macvlan add {"interface":"ether1"}', 'macvlan.dhcp_client add {"interface":"ether1"}'],
  },
  {
    title: 'comments and continued lines',
    script: '# all of it\n/interface macvlan add \\\n    interface=ether1 \\\n    comment="a \\"b\\"" # done',
    calls: ['macvlan add {"interface":"ether1","comment":"a \\"b\\""}'],
  },
  {
    title: 'properties with a dash have one with _ on the bus',
    script: '/interface macvlan add interface=ether1 mac-address=02:00:00:00:00:09',
    calls: ['macvlan add {"interface":"ether1","mac_address":"02:00:00:00:00:09"}'],
  },
  {
    title: '!property asks for the default',
    script: '/interface macvlan set macvlan1 !mtu',
    calls: ['macvlan set {"mtu":null,"id":"macvlan_1"}'],
  },
  {
    title: 'items by name, also with blanks',
    script: '/interface macvlan\nremove macvlan1\nremove "Domestic Link"',
    calls: ['macvlan remove {"id":"macvlan_1"}', 'macvlan remove {"id":"macvlan_2"}'],
  },
  {
    title: 'items by the numbers of the last print',
    script: '/interface macvlan\nprint where interface=ether2\nset 0 mtu=1300',
    calls: ['macvlan set {"mtu":"1300","id":"uplink"}'],
  },
  {
    title: 'several numbers',
    script: '/interface macvlan\nprint\ndisable 0,2',
    calls: ['macvlan import {"script":"/interface macvlan\\ndisable macvlan_1\\ndisable uplink\\n"}'],
  },
  { title: 'items by .id', script: '/interface macvlan enable *2', calls: ['macvlan enable {"id":"macvlan_2"}'] },
  {
    title: 'items by [find]',
    script: '/interface macvlan set [find interface=ether1 mode=private] comment=x',
    calls: ['macvlan set {"comment":"x","id":"macvlan_2"}'],
  },
  { title: 'nothing found is nothing done', script: '/interface macvlan remove [find name=nobody]', calls: [] },
  {
    title: 'comment as people type it',
    script: '/interface macvlan comment macvlan1 "my line"',
    calls: ['macvlan set {"comment":"my line","id":"macvlan_1"}'],
  },
  {
    title: 'comment=',
    script: '/interface macvlan comment macvlan1 comment=hello',
    calls: ['macvlan set {"comment":"hello","id":"macvlan_1"}'],
  },
  {
    title: 'renew and release of a client',
    script: '/ip dhcp-client\nrenew ether1\nrelease [find]',
    calls: ['macvlan.dhcp_client renew {"id":"dhcp_client_1"}', 'macvlan.dhcp_client release {"id":"dhcp_client_1"}'],
  },
  {
    title: 'several commands on a line',
    script: '/interface macvlan; add interface=ether1; /ip dhcp-client; add interface=ether2',
    calls: ['macvlan add {"interface":"ether1"}', 'macvlan.dhcp_client add {"interface":"ether2"}'],
  },
  { title: 'nothing after /quit', script: '/quit\n/interface macvlan add interface=ether1', calls: [] },
];

for (const { title, script, calls } of SCRIPTS) {
  session(`understands: ${title}`, async () => {
    const outcome = await run(script);
    assert.is(outcome.failure, undefined);
    assert.equal(outcome.calls, calls);
  });
}

const FAILURES: { title: string; script: string; failure: string; calls?: number; refuse?: Answer }[] = [
  { title: 'an unknown menu', script: '/interface bogus print', failure: 'bad command name bogus (line 1 column 12)' },
  {
    title: 'an unknown command',
    script: '/interface macvlan\nprnt',
    failure: 'bad command name prnt; did you mean print? (line 2 column 1)',
  },
  {
    title: 'an unknown property',
    script: '/interface macvlan add colour=red',
    failure: 'expected end of command (line 1 column 24)',
  },
  {
    title: 'an item that is not there',
    script: '/interface macvlan remove nobody',
    failure: 'no such item (line 1 column 27)',
  },
  {
    title: 'a number before anything was printed',
    script: '/interface macvlan remove 0',
    failure: 'no such item (line 1 column 27)',
  },
  {
    title: 'no item at all',
    script: '/interface macvlan remove',
    failure: 'missing value(s) of argument(s) numbers (line 1 column 1)',
  },
  {
    title: 'a list of items where a text belongs',
    script: '/interface macvlan add interface=[find]',
    failure: 'a value cannot be a list of items (line 1 column 24)',
  },
  {
    title: 'what stands before an error is done, what stands after it is not',
    script: '/interface macvlan\nadd interface=ether1\nbogus\nadd interface=ether1',
    failure: 'bad command name bogus (line 3 column 1)',
    calls: 1,
  },
  {
    title: 'a refusal at the place of its property',
    script: '/interface macvlan add interface=ether1 mtu=9000',
    refuse: { error: 'mtu 9000 exceeds parent ether1 mtu 1500', property: 'mtu' },
    failure: 'failure: mtu 9000 exceeds parent ether1 mtu 1500 (line 1 column 41)',
    calls: 1,
  },
  {
    title: 'a refusal of a property that was not given',
    script: '/interface macvlan add name=x',
    refuse: { error: 'interface is missing', property: 'interface' },
    failure: 'failure: interface is missing (line 1 column 1)',
    calls: 1,
  },
  {
    title: "a property's name as the console spells it",
    script: '/interface macvlan add mac-address=01:00:00:00:00:01',
    refuse: { error: 'mac_address "01:…" is not valid', property: 'mac_address' },
    failure: 'failure: mac-address "01:…" is not valid (line 1 column 24)',
    calls: 1,
  },
];

for (const { title, script, failure, calls = 0, refuse } of FAILURES) {
  session(`says, with the place: ${title}`, async () => {
    const outcome = await run(script, refuse);
    assert.is(outcome.failure, failure);
    assert.is(outcome.calls.length, calls);
  });
}

const PRINTS: { command: string; output: string[] }[] = [
  {
    command: '/interface macvlan print',
    output: [
      'Flags: X - DISABLED; R - RUNNING',
      'Columns: NAME, MTU, INTERFACE, MAC-ADDRESS, MODE',
      '# NAME MTU INTERFACE MAC-ADDRESS MODE',
      '0 R macvlan1 1500 ether1 02:00:00:00:00:01 bridge',
      ';;; second',
      ';;; mac-address is another one',
      '1 X Domestic Link 1400 ether1 02:00:00:00:00:02 private',
      '2 uplink 1500 ether2 02:00:00:00:00:03 bridge',
    ],
  },
  { command: '/interface macvlan print count-only where disabled', output: ['1'] },
  {
    command: '/interface macvlan print proplist=name,mode where running',
    output: ['Flags: R - RUNNING', 'Columns: NAME, MODE', '# NAME MODE', '0 R macvlan1 bridge'],
  },
  {
    command: '/ip dhcp-client print detail proplist=interface,status,address,expires-after',
    output: [
      'Flags: X - DISABLED; I - INVALID',
      '0 interface=ether1 status=bound address=192.0.2.7/24 expires-after=9m44s',
    ],
  },
  { command: '/ip dhcp-client find', output: ['*1'] },
];

for (const { command, output } of PRINTS) {
  session(`prints: ${command}`, async () => {
    const lines = (await run(command)).output
      .replace(/ +/g, ' ')
      .split('\n')
      .map((line) => line.trim());
    assert.equal(lines.filter(Boolean), output);
  });
}

session('stays in its menu from one run to the next', async () => {
  const bus = fakeRouter();
  const stay = new Session(sessionOptions(bus, () => {}));
  await stay.run('/interface macvlan\n');
  assert.is(stay.menu, 'interface macvlan');
  await stay.run('print\nremove 1\n');
  await stay.run('remove 0\n');
  assert.equal(bus.calls, ['macvlan remove {"id":"macvlan_2"}', 'macvlan remove {"id":"macvlan_1"}']);
});

session.run();
