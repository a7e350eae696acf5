/** What /ip dhcp-server network means, in one piece. */
export { check } from './check.ts';
export { claims, generate, state, want } from './want.ts';
