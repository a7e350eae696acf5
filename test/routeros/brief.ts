import type { Script, Statement } from '../../src/routeros/script.ts';
import type { Where } from '../../src/routeros/where.ts';

/** A statement on one line: `interface macvlan> add interface=ether1 name=macvlan1`. */
export function brief(statement: Statement): string {
  const { menu, command, switches, items, named, where } = statement;
  const parts = [
    ...switches,
    ...items.map(({ value }) => textOf(value)),
    ...named.map(({ name, value }) => (value === undefined ? `!${name}` : `${name}=${textOf(value)}`)),
    ...(where ? [`where ${condition(where)}`] : []),
  ];
  return [`${menu}>`, ...(command ? [command] : []), ...parts].join(' ');
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
      return `${where.property}${where.operator}${where.value}`;
  }
}

const textOf = (value: string | Statement) => (typeof value === 'string' ? value : `[${brief(value)}]`);
