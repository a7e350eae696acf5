/** What /ip dhcp-client means, in one piece: it is loaded when there is a client. */
export { check } from './check.ts';
export { dhcpClientDescription as description } from './properties.ts';
export { claims, generate, state, want } from './want.ts';
