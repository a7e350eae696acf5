import { planAddresses } from './addresses.ts';
import type { Context } from './context.ts';
import { planHooks } from './hooks.ts';
import { Lanes } from './lanes.ts';
import { planRoutes } from './routes.ts';
import { planRules } from './rules.ts';
import { planRuleset } from './ruleset.ts';
import { planSettings } from './settings.ts';

/** What a line is made of beside its link, and what keeps lines apart, in one piece: it is loaded when there is one. */
export function planLines(context: Context) {
  context.lanes = new Lanes(context.world, context.want);
  return {
    addresses: planAddresses(context),
    routes: planRoutes(context),
    rules: planRules(context),
    rulesets: planRuleset(context),
    settings: planSettings(context),
    hooks: planHooks(context),
  };
}
