/* For development without LuCI: what its pages find in every window. Our own, and no more than our pages use. */

function trimws(text) {
  return text.trim().replace(/[ \t\n]+/g, ' ');
}

function _(text) {
  return (window.TR ?? {})[trimws(text)] ?? text;
}

function N_(n, one, many) {
  const rule = (window.TR ?? {})['00000000'] || 'plural=(n != 1);';
  const form = new Function('n', `let nplurals, plural; ${rule} return +plural`)(n);
  return (window.TR ?? {})[`${trimws(one)}\x02${form}`] ?? (form ? many : one);
}

/* 1h 2m 3s */
function duration(seconds) {
  const parts = [
    ['d', 86400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ];
  const words = [];
  let rest = Math.round(seconds);
  for (const [unit, size] of parts) {
    if (rest >= size || words.length > 0 || size === 1) words.push(Math.floor(rest / size) + unit);
    rest %= size;
  }
  return words.join(' ');
}

function scaled(value, base, digits) {
  const units = [
    '',
    base === 1024 ? 'Ki' : 'K',
    base === 1024 ? 'Mi' : 'M',
    base === 1024 ? 'Gi' : 'G',
    base === 1024 ? 'Ti' : 'T',
  ];
  let n = 0;
  while (value >= base && n < units.length - 1) {
    value /= base;
    n++;
  }
  return `${n === 0 ? Math.round(value) : value.toFixed(digits)} ${units[n]}`;
}

String.prototype.format = function (...args) {
  return this.replace(/%(?:(\d+)(?:\.(\d+))?)?([sdhtm%])/g, (_all, base, digits, kind) => {
    if (kind === '%') return '%';
    const value = args.shift();
    if (kind === 'd') return Math.trunc(Number(value)).toString();
    if (kind === 't') return duration(Number(value));
    if (kind === 'm') return scaled(Number(value), Number(base ?? 1000), Number(digits ?? 2));
    if (kind === 'h') return String(value).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
    return String(value);
  });
};
