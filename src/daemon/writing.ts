/** What only a change of the configuration needs, in a file of its own: most daemons never make one. */
export { checked } from '../menus/checks.ts';
export { edit } from '../model/edit.ts';
export { UciWriter } from '../uci/writer.ts';
