/** What /interface macvlan means, in one piece for the list of menus. */
export { claims, generate } from './generate.ts';
export { state } from './state.ts';
export { want } from './want.ts';
