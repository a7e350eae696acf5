/** What keeps lines apart, in one piece: it is loaded when there is one. */
export { planHooks } from './hooks.ts';
export { planRules } from './rules.ts';
export { planRuleset } from './ruleset.ts';
export { planSettings } from './settings.ts';
