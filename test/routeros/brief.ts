import { nameOf } from '../../src/routeros/elsewhere.ts';
import type { Script } from '../../src/routeros/script.ts';
import type { Statement, Value, Where } from '../../src/routeros/statement.ts';

/** A statement on one line: `interface macvlan> add interface=ether1 name=macvlan1`. */
export function brief(statement: Statement): string {
  const { menu, command, missing, switches, items, named, where, statements } = statement;
  const parts = [
    ...switches,
    ...items.map(({ value }) => textOf(value)),
    ...named.map(({ name, value }) => (value === undefined ? `!${name}` : `${name}=${textOf(value)}`)),
    ...(where ? [`where ${condition(where)}`] : []),
  ];
  const block = statements ? [statements.map(brief).join('; '), '}'] : [];
  return [
    `${menu}>`,
    ...(command ? [command] : []),
    ...(missing ? [`(no ${nameOf(missing)})`] : []),
    ...parts,
    ...block,
  ].join(' ');
}

export function briefly({ statements, error }: Script): string[] {
  return [...statements.map(brief), ...(error ? [error.message] : [])];
}

/** With every bracket written. */
export function condition(where: Where): string {
  switch (where.kind) {
    case 'and':
    case 'or':
      return `(${where.terms.map(condition).join(` ${where.kind} `)})`;
    case 'not':
      return `!${condition(where.of)}`;
    case 'set':
      return where.property;
    case 'compare':
      return `${where.property}${where.operator}${textOf(where.value)}`;
  }
}

/** What is worked out later, with every bracket written. */
function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  switch (value.kind) {
    case 'statement':
      return `[${brief(value)}]`;
    case 'variable':
      return `$${value.name}`;
    case 'joined':
      return `"${value.parts.map(textOf).join('')}"`;
    case 'list':
      return `{${value.values.map(textOf).join(';')}}`;
    case 'block':
      return `{ ${value.statements.map(brief).join('; ')} }`;
    case 'operation':
      return `(${[...value.operands.map(textOf)].join(` ${value.operator} `)}${value.operands.length === 1 ? ` ${value.operator}` : ''})`;
  }
}
