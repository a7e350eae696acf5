/** The text of nft(8), as far as our tables need it. */

/** Whether a link's name can stand in it: nft has no escapes in quotes, and an asterisk means all names that begin so. */
export function isPlain(ifname: string): boolean {
  return /^[\x21-\x7e]+$/.test(ifname) && !/["*\\]/.test(ifname);
}

/** The name of a link; whoever has one that is none of ours asks `isPlain` first. */
export function quoted(ifname: string): string {
  if (!isPlain(ifname)) throw new Error(`${ifname} cannot stand in a text for nft`);
  return `"${ifname}"`;
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
