/** What /interface macvlan means, in one piece for the list of menus; its check is loaded by who writes. */
export { claims, generate } from './generate.ts';
export { state } from './state.ts';
export { want } from './want.ts';
