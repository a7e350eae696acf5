/** What /ip dhcp-server network means, in one piece. */
export { check } from './check.ts';
export { fault } from './fault.ts';
export { dhcpNetworkDescription as description } from './properties.ts';
export { claims, generate, state, want } from './want.ts';
