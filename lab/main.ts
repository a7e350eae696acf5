import { readFileSync } from 'node:fs';
import { openMachine } from '../src/runtime/machine.ts';
import { node } from '../src/runtime/node.ts';
import { UbusClient } from '../src/ubus/client.ts';
import { Lab, type RuntimeName, until } from './lab.ts';
import { Web } from './web.ts';

/** What `npm start` shows: a provider, a router, the manual's examples typed into the console, and what came of them. */
const runtime = readRuntime(process.argv.slice(2));
if (process.getuid?.() !== 0) fail('npm start makes network namespaces: please run it as root');
const examples = new URL('./examples.rsc', import.meta.url);

const lab = new Lab(runtime);
say(`lab: provider (198.51.100.1 on wire) and router (ether1), macvland under ${runtime}`);
await lab.startProvider();
await lab.startBroker();
lab.startDaemon();
await until('macvland on the bus', () => lab.console('/interface macvlan print\n').status === 0);

const script = readFileSync(examples, 'utf8');
say(script.replace(/^(?=.)/gm, '  '));
run(script);
await until('the leases', () => unbound() === 0);
run('/ip dhcp-client print\n');
say(`\nThe provider's lease file:\n${readFileSync(lab.leases, 'utf8').replace(/^(?=.)/gm, '  ')}`);

if (process.stdin.isTTY && process.stdout.isTTY) {
  const machine = await openMachine(node);
  const web = new Web(machine, UbusClient.connect(machine, lab.socket, { reconnect: true }), lab.config);
  web.devices = Object.fromEntries(devices().map((device) => [device.name, device]));
  say(`The page of the router, in a browser on this machine: ${await web.listen()}`);
  say('The console of the router; /quit or Ctrl-D ends the lab.');
  await lab.interactive();
}
process.exit(0);

/** The router's links, as `luci-rpc` tells LuCI of them. */
function devices(): { name: string; type: number; flags: { loopback: boolean } }[] {
  const links = JSON.parse(lab.in(lab.router, 'ip', '-json', 'link')) as { ifname: string; flags: string[] }[];
  return links.map(({ ifname: name, flags }) => {
    const loopback = flags.includes('LOOPBACK');
    // include/uapi/linux/if_arp.h
    return { name, type: loopback ? 772 : 1, flags: { loopback } };
  });
}

/** Clients that are not bound yet. */
function unbound(): number {
  return Number(lab.console('/ip dhcp-client print count-only where status!=bound\n').stdout);
}

/** A script typed into the console; what it refuses ends the lab. */
function run(script: string): void {
  const { status, stdout, stderr } = lab.console(script);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  if (status !== 0) {
    process.stderr.write(`the console ended with status ${status}; the daemon's log:\n${lab.log('macvland')}`);
    process.exit(1);
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function fail(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}

function readRuntime(args: string[]): RuntimeName {
  const [option, value, ...rest] = args;
  if (option === undefined) return 'qjs';
  if (option === '--runtime' && (value === 'qjs' || value === 'node') && rest.length === 0) return value;
  return fail('usage: npm start [-- --runtime qjs|node]');
}
