/** All that serving addresses takes, in one piece: it is loaded when there is a pool, a server or a network. */
export * as network from '../dhcp_network/behaviour.ts';
export * as pool from '../pool/behaviour.ts';
export * as server from './behaviour.ts';
export { leases } from './handed.ts';
