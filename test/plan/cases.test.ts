import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fixture, fixtures } from '../helpers/fixture.ts';
import { planOf } from './case.ts';

const cases = suite('plan folders');

// A case is a folder with a sentence for its name; case.ts says what stands in its files.
for (const folder of fixtures('plan')) {
  cases(folder.replaceAll('_', ' '), () => {
    assert.is(planOf(folder), fixture(`plan/${folder}/plan`));
  });
}

cases.run();
