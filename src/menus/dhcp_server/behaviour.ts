/** What /ip dhcp-server means, in one piece. */
export { check } from './check.ts';
export { dhcpServerDescription as description } from './properties.ts';
export { claims, generate, state, want } from './want.ts';
