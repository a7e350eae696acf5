import { onDemand } from '../model/ondemand.ts';
import type { Parts } from '../plan/parts.ts';

/** The parts of the plan that are loaded when something is in them. */
export const parts: Parts = {
  children: onDemand('the plan of clients', ['planChildren'], () => import('../plan/children.ts')),
  neighbours: onDemand('the plan of ARP', ['planNeighbours', 'planArpTimes'], () => import('../plan/neighbours.ts')),
  gateways: onDemand('the plan of gateways', ['planGateways'], () => import('../plan/gateways.ts')),
  lines: onDemand('the plan of lines', ['planLines'], () => import('../plan/lines.ts')),
  slaac: onDemand('the plan of SLAAC', ['planSlaac'], () => import('../plan/slaac.ts')),
  netifd: onDemand('the plan of netifd', ['planNetifd'], () => import('../plan/netifd.ts')),
  probes: onDemand('the plan of loop protect', ['planProbes'], () => import('../plan/probes.ts')),
};
