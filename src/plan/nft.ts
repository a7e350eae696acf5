/** The text of nft(8), as far as our tables need it. */

/** Of links of others: nft would read other names otherwise. */
export function isPlain(ifname: string): boolean {
  return /^[\w.:@-]+$/.test(ifname);
}

export function set(name: string, type: string, elements: readonly string[]): string {
  const list = elements.length > 0 ? `elements = { ${elements.join(', ')} } ` : '';
  return `\tset ${name} { type ${type}; ${list}}\n`;
}

/** A chain that the kernel calls; without `hook` one that others go to. */
export function chain(name: string, hook: string, rules: readonly string[]): string {
  const lines = hook === '' ? rules : [`type ${hook}; policy accept;`, ...rules];
  return `\tchain ${name} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`;
}
