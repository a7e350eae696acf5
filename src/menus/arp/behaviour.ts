/** What /ip arp means, in one piece: it is loaded when there is an entry. */
export { check } from './check.ts';
export { arpDescription as description } from './properties.ts';
export { claims, generate, state, want } from './want.ts';
