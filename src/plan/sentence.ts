import { HOTPLUG_CALL } from '../model/want.ts';
import type { Op } from './op.ts';

/** Operations in words. Loaded when somebody wants to read them: a daemon whose ops do not fail has no use for them. */

/** One line a person can read, as `--plan` and the `plan` method show it. Addresses and names only: never a secret. */
export function printOp(op: Op): string {
  switch (op.op) {
    case 'kill':
      return `stop ${op.name} (pid ${op.pid}, ${op.signal})`;
    case 'signal':
      return `signal ${op.name} (pid ${op.pid}) ${op.signal}`;
    case 'deleteAddress':
      return `delete address ${op.name}`;
    case 'deleteLink':
      return `delete link ${op.name}`;
    case 'deleteLinks':
      return `delete links ${op.name}`;
    case 'addLink':
      return printAdd(op);
    case 'setLink':
      return `set link ${op.name} ${Object.entries(op.change)
        .map(([key, value]) => `${key} ${value}`)
        .join(' ')}`;
    case 'addAddress':
      return `add address ${op.name}`;
    case 'deleteSlaac':
      return `delete what ${op.name} took from announcements of routers`;
    case 'addRoute':
    case 'deleteRoute':
      return `${op.op === 'addRoute' ? 'add' : 'delete'} route ${op.name}`;
    case 'addRule':
    case 'deleteRule':
      return `${op.op === 'addRule' ? 'add' : 'delete'} rule ${op.name}`;
    case 'setConf': {
      const { arpIgnore, arpAnnounce, rpFilter } = op.conf;
      return `set link ${op.name} arp_ignore ${arpIgnore} arp_announce ${arpAnnounce} rp_filter ${rpFilter}`;
    }
    case 'writeSetting':
      return `set ${op.name} ${op.value}`;
    case 'announce':
      return `tell netifd of interface ${op.name} ${op.text}`;
    case 'withdraw':
      return `tell netifd that interface ${op.name} is over`;
    case 'spawn':
      return `start ${op.argv[0]} on ${op.ifname} for ${op.owner}`;
    case 'setNeighbour':
      return `set neighbour ${op.name} ${op.mac ?? 'published'}`;
    case 'deleteNeighbour':
      return `delete neighbour ${op.name}`;
    case 'setArpTimes':
      return `set arp times ${op.name} reachable ${op.reachable} ms proxy delay ${op.proxyDelay} ms`;
    case 'setRuleset':
      return `set nftables ${op.name}`;
    case 'listen':
      return `listen for loops on ${op.name}`;
    case 'ignore':
      return `ignore loops on ${op.name}`;
    case 'probe':
      return `send loop protect packet of ${op.name}`;
    case 'askGateway':
      return `ask gateway ${op.name} by ${op.how}`;
    case 'forgetGateway':
      return `ask no gateway for ${op.name}`;
    case 'endSession':
      return `end session ${op.session} of ${op.name} with ${op.acMac}`;
    case 'hook':
      return op.script === HOTPLUG_CALL
        ? `call hotplug scripts: ${op.env.ACTION} of ${op.env.INTERFACE}`
        : `run ${op.script} ${op.verb} for ${op.owner}`;
    case 'writeFile':
      return `write ${op.name}`;
  }
}

function printAdd({ name, address, mode, mtu, on, sourceMacs, arp, up }: Extract<Op, { op: 'addLink' }>): string {
  const more = [
    ...(sourceMacs.length > 0 ? [`senders ${sourceMacs.join()}`] : []),
    ...(arp ? [] : ['arp false']),
    ...(up ? [] : ['up false']),
  ];
  return [`add link ${name} address ${address ?? 'of its parent'} mode ${mode} mtu ${mtu} on ${on}`, ...more].join(' ');
}

/** Why an op failed: the sentence that `about` shows. */
export function explain(op: Op, error: Error): string {
  const code = 'code' in error ? error.code : undefined;
  const address = op.op === 'addLink' ? op.address : op.op === 'setLink' ? op.change.address : undefined;
  if (code === 'EADDRINUSE' || code === 'EBUSY') {
    return `${printOp(op)}: the MAC address ${address ?? 'of it'} is in use by another link on this parent; give one of them another`;
  }
  return `${printOp(op)}: ${error.message}`;
}
