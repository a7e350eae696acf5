import * as children from '../../src/plan/children.ts';
import * as gateways from '../../src/plan/gateways.ts';
import * as lines from '../../src/plan/lines.ts';
import * as neighbours from '../../src/plan/neighbours.ts';
import * as netifd from '../../src/plan/netifd.ts';
import type { Parts } from '../../src/plan/parts.ts';
import * as probes from '../../src/plan/probes.ts';
import * as slaac from '../../src/plan/slaac.ts';

/** Every part of the plan in memory, for tests that wait for nothing. */
export const parts: Parts = { children, neighbours, lines, gateways, slaac, probes, netifd };
