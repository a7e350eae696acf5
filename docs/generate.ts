import { readFileSync, writeFileSync } from 'node:fs';
import { DOCUMENTS, filled } from './tables.ts';

/** npx tsx docs/generate.ts [--check]: writes the tables of the documents anew; with --check only says which are stale. */
const check = process.argv[2] === '--check';
for (const path of DOCUMENTS) {
  const text = readFileSync(path, 'utf8');
  const current = filled(text);
  if (text === current) continue;
  console.log(check ? `${path} is stale: run npx tsx docs/generate.ts` : `${path} written`);
  if (check) process.exitCode = 1;
  else writeFileSync(path, current);
}
