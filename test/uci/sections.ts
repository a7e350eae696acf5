import type { Document } from '../../src/uci/parse.ts';

/** What a document means, in the form of `uci export`. */
export function exported(document: Document, name = 'x'): string {
  const quoted = (value: string) => `'${value.split("'").join("'\\''")}'`;
  const sections = document.sections.map((section) => {
    const options = section.options.flatMap(({ kind, name, values }) =>
      values.map((value) => `\t${kind} ${name} ${quoted(value)}\n`),
    );
    return `\nconfig ${section.type}${section.name ? ` ${quoted(section.name)}` : ''}\n${options.join('')}`;
  });
  return `package ${name}\n${sections.join('')}\n`;
}

/** One line a section: `macvlan a: mtu=1500 dns=[1 2]`. */
export function brief(document: Document): string[] {
  return document.sections.map((section) => {
    const options = section.options.map(({ kind, name, values }) =>
      kind === 'list' ? ` ${name}=[${values.join(' ')}]` : ` ${name}=${values[0]}`,
    );
    return `${section.type} ${section.name ?? '-'}:${options.join('')}`;
  });
}
