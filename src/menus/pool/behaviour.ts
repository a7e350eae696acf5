/** What /ip pool means, in one piece. */
export { check } from './check.ts';
export { fault } from './fault.ts';
export { poolDescription as description } from './properties.ts';
export { claims, generate, state, want } from './want.ts';
