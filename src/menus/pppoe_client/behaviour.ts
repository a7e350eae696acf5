/** What /interface pppoe-client means, in one piece: it is loaded when there is a client. */
export { check } from './check.ts';
export { pppoeClientDescription as description } from './properties.ts';
export { state } from './state.ts';
export { claims, generate, want } from './want.ts';
