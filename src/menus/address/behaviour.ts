/** What /ip address means, in one piece: it is loaded when there is one. */
export { check, fold } from './check.ts';
export { addressDescription as description } from './properties.ts';
export { fault } from './subnet.ts';
export { claims, generate, state, want } from './want.ts';
