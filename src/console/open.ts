/** Whether a text that is being typed goes on: a bracket, a brace or a quote is open, or its last line ends in `\`. */
export function isOpen(text: string): boolean {
  let depth = 0;
  let inQuotes = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '\\') {
      at += text.startsWith('\r\n', at + 1) ? 2 : 1;
      if (at >= text.length - 1) return true;
    } else if (character === '"') inQuotes = !inQuotes;
    else if (!inQuotes && character === '#' && /(^|[\s;{])$/.test(text.slice(Math.max(0, at - 1), at)))
      at = endOfLine(text, at);
    else if (!inQuotes && '[({'.includes(character)) depth++;
    else if (!inQuotes && '])}'.includes(character)) depth--;
  }
  return inQuotes || depth > 0;
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at;
}
