// The paths of Response.json(path): GJSON's, as far as scripts use them (k6 reference, §10.4). Keys and indices with dots between them,
// `*` and `?` in keys, `#` for a length or for each element, #(key op value) for the first element that fits and #(…)# for all.

// Where the bracket closes that opens at `from`; quoted text is none of its business.
function closingBracket(path, from) {
  let depth = 0;
  let isQuoted = false;
  for (let i = from; i < path.length; ++i) {
    if (path[i] === '\\') ++i;
    else if (path[i] === '"') isQuoted = !isQuoted;
    else if (!isQuoted && path[i] === '(') ++depth;
    else if (!isQuoted && path[i] === ')' && --depth === 0) return i;
  }
  return -1;
}

function toRegExp(pattern) {
  const text = pattern.replace(/\\(.)|[.*+?^${}()|[\]\\]/g, (all, escaped) => {
    if (escaped !== undefined) return escaped.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return all === '*' ? '.*' : all === '?' ? '.' : `\\${all}`;
  });
  return new RegExp(`^${text}$`, 's');
}

function parseLiteral(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// The first operator that is in no bracket: keys may have queries of their own.
function splitQuery(text) {
  for (let i = 0; i < text.length; ++i) {
    if (text[i] === '\\') ++i;
    else if (text[i] === '(') i = Math.max(i, closingBracket(text, i));
    else {
      const found = /^(?:==|!=|<=|>=|<|>|!%|%|=)/.exec(text.slice(i));
      if (found !== null) return [text.slice(0, i), found[0], text.slice(i + found[0].length)];
    }
  }
  return [text, undefined, undefined];
}

function parseQuery(text, isAll) {
  const [key, operator, value] = splitQuery(text);
  return { kind: 'query', isAll, key: parsePath(key.trim()), operator, value: value === undefined ? undefined : parseLiteral(value.trim()) };
}

function parsePath(path) {
  const parts = [];
  for (let at = 0; at < path.length; ) {
    if (path.startsWith('#(', at)) {
      const end = closingBracket(path, at + 1);
      if (end < 0) return undefined;
      const isAll = path[end + 1] === '#';
      parts.push(parseQuery(path.slice(at + 2, end), isAll));
      at = end + (isAll ? 3 : 2);
      continue;
    }
    let end = at;
    while (end < path.length && path[end] !== '.' && path[end] !== '|') end += path[end] === '\\' ? 2 : 1;
    const text = path.slice(at, end);
    const isPattern = /(^|[^\\])[*?]/.test(text);
    parts.push(text === '#' ? { kind: 'each' } : { kind: 'key', key: isPattern ? toRegExp(text) : text.replace(/\\(.)/g, '$1') });
    at = end + 1;
  }
  return parts;
}

const kComparisons = {
  '==': (a, b) => a === b,
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function fits(element, { key, operator, value }) {
  const found = key === undefined ? undefined : walk(element, key, 0);
  if (operator === undefined) return found !== undefined;
  if (operator.endsWith('%')) return typeof found === 'string' && toRegExp(String(value)).test(found) === (operator === '%');
  if (typeof found !== typeof value) return operator === '!=' && found !== undefined;
  return kComparisons[operator](found, value);
}

function walk(value, parts, at) {
  if (at === parts.length) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const part = parts[at];
  const all = (elements) => elements.map((element) => walk(element, parts, at + 1)).filter((found) => found !== undefined);
  if (part.kind === 'key') {
    if (part.key instanceof RegExp) {
      const key = Object.keys(value).find((name) => part.key.test(name));
      return key === undefined ? undefined : walk(value[key], parts, at + 1);
    }
    if (Array.isArray(value) && !/^\d+$/.test(part.key)) return undefined;
    return Object.hasOwn(value, part.key) ? walk(value[part.key], parts, at + 1) : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  if (part.kind === 'each') return at + 1 === parts.length ? value.length : all(value);
  if (part.isAll) return all(value.filter((element) => fits(element, part)));
  const first = value.find((element) => fits(element, part));
  return first === undefined ? undefined : walk(first, parts, at + 1);
}

// Nothing where the path leads nowhere.
export function pick(value, path) {
  const parts = parsePath(path);
  return parts === undefined || parts.length === 0 ? undefined : walk(value, parts, 0);
}
