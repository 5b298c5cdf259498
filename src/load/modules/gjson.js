// The paths of Response.json(path): GJSON's (k6 reference, §10.4). Keys and indices with dots between them, `*` and `?` in keys, `#` for a
// length or for each element, #(key op value) for the first element that fits and #(…)# for all; `|` instead of a dot goes on with
// the whole of what was found; @name:argument changes it; {a,"name":b} and [a,b] put several paths together; !value is itself.

const kBrackets = { '(': ')', '[': ']', '{': '}' };

// Where the bracket closes that opens at `from`; quoted text is none of its business.
function closingBracket(path, from) {
  const open = [];
  let isQuoted = false;
  for (let i = from; i < path.length; ++i) {
    if (path[i] === '\\') ++i;
    else if (path[i] === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (path[i] in kBrackets) open.push(kBrackets[path[i]]);
    else if (path[i] === open.at(-1)) {
      open.pop();
      if (open.length === 0) return i;
    }
  }
  return -1;
}

// The parts between commas that are in no bracket and no quotes.
function splitList(text) {
  const parts = [];
  let from = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; ++i) {
    if (text[i] === '\\') ++i;
    else if (text[i] === '"') isQuoted = !isQuoted;
    else if (!isQuoted && text[i] in kBrackets) i = Math.max(i, closingBracket(text, i));
    else if (!isQuoted && text[i] === ',') {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)].map((part) => part.trim()).filter((part) => part !== '');
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

// {a.b,"name":c}: without a name, that of the last key.
function parseMembers(text) {
  return splitList(text).map((part) => {
    const named = /^("(?:[^"\\]|\\.)*"):(.*)$/s.exec(part);
    const path = named === null ? part : named[2];
    const name = named === null ? /([^.|]*)$/.exec(part)[1].replace(/\\(.)/g, '$1') : JSON.parse(named[1]);
    return { name, path: parsePath(path) };
  });
}

// The part that starts at a character that no key may start with, and where it ends; nothing for what is not closed.
function parseSpecial(path, at) {
  if (path.startsWith('#(', at)) {
    const end = closingBracket(path, at + 1);
    if (end < 0) return undefined;
    const isAll = path[end + 1] === '#';
    return [parseQuery(path.slice(at + 2, end), isAll), end + (isAll ? 2 : 1)];
  }
  if (path[at] === '{' || path[at] === '[') {
    const end = closingBracket(path, at);
    if (end < 0) return undefined;
    return [{ kind: 'several', isObject: path[at] === '{', members: parseMembers(path.slice(at + 1, end)) }, end + 1];
  }
  const isModifier = path[at] === '@';
  const name = isModifier ? /^@\w*/.exec(path.slice(at))[0] : '!';
  let from = at + name.length;
  if (isModifier && path[from] !== ':') return [{ kind: 'modifier', name, argument: undefined }, from];
  if (isModifier) ++from;
  let end = from;
  if (path[from] in kBrackets) end = closingBracket(path, from) + 1;
  else if (path[from] === '"') end = from + (/^"(?:[^"\\]|\\.)*"/.exec(path.slice(from))?.[0].length ?? 0);
  if (end <= from) while (end < path.length && path[end] !== '|' && path[end] !== '.') ++end;
  const value = parseLiteral(path.slice(from, end));
  return [isModifier ? { kind: 'modifier', name, argument: value } : { kind: 'literal', value }, end];
}

// The steps between pipes, each of the parts between its dots.
function parsePath(path) {
  const steps = [[]];
  for (let at = 0; at < path.length; ) {
    let part;
    let end = at;
    if (path.startsWith('#(', at) || '{[@'.includes(path[at]) || (path[at] === '!' && steps.at(-1).length === 0)) {
      const special = parseSpecial(path, at);
      if (special === undefined) return undefined;
      [part, end] = special;
    } else {
      while (end < path.length && path[end] !== '.' && path[end] !== '|') end += path[end] === '\\' ? 2 : 1;
      const text = path.slice(at, end);
      const isPattern = /(^|[^\\])[*?]/.test(text);
      part = text === '#' ? { kind: 'each' } : { kind: 'key', key: isPattern ? toRegExp(text) : text.replace(/\\(.)/g, '$1') };
    }
    steps.at(-1).push(part);
    if (path[end] === '|') steps.push([]);
    at = end + 1;
  }
  return steps;
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

function flatten(list, isDeep) {
  return list.flatMap((each) => (Array.isArray(each) ? (isDeep ? flatten(each, true) : each) : [each]));
}

function dig(value, steps) {
  const found = follow(value, steps);
  const within = typeof value === 'object' && value !== null ? Object.values(value).flatMap((each) => dig(each, steps)) : [];
  return found === undefined ? within : [found, ...within];
}

const kModifiers = {
  '@this': (value) => value,
  '@valid': (value) => value,
  '@pretty': (value) => value,
  '@ugly': (value) => value,
  '@keys': (value) => (isObject(value) ? Object.keys(value) : Array.isArray(value) ? value.map(() => null) : [null]),
  '@values': (value) => (isObject(value) ? Object.values(value) : Array.isArray(value) ? value : [value]),
  '@reverse': (value) => (Array.isArray(value) ? [...value].reverse() : isObject(value) ? Object.fromEntries(Object.entries(value).reverse()) : value),
  '@flatten': (value, given) => (Array.isArray(value) ? flatten(value, given?.deep === true) : value),
  '@join': (value) => (Array.isArray(value) ? Object.assign({}, ...value.filter(isObject)) : value),
  '@tostr': (value) => JSON.stringify(value),
  '@fromstr': (value) => (typeof value === 'string' ? parseJsonOrNothing(value) : undefined),
  '@group': (value) => {
    if (!isObject(value)) return undefined;
    const columns = Object.entries(value).filter(([, list]) => Array.isArray(list));
    const length = Math.max(0, ...columns.map(([, list]) => list.length));
    return Array.from({ length }, (_, i) => Object.fromEntries(columns.filter(([, list]) => i < list.length).map(([name, list]) => [name, list[i]])));
  },
  '@dig': (value, path) => {
    const steps = parsePath(String(path));
    return steps === undefined ? [] : dig(value, steps);
  },
};

function parseJsonOrNothing(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function several(value, { isObject: isMap, members }) {
  const found = members.map(({ name, path }) => [name, path === undefined ? undefined : follow(value, path)]).filter(([, each]) => each !== undefined);
  return isMap ? Object.fromEntries(found) : found.map(([, each]) => each);
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
  const found = key === undefined ? undefined : follow(element, key);
  if (operator === undefined) return found !== undefined;
  if (operator.endsWith('%')) return typeof found === 'string' && toRegExp(String(value)).test(found) === (operator === '%');
  if (typeof found !== typeof value) return operator === '!=' && found !== undefined;
  return kComparisons[operator](found, value);
}

// What a part makes of a value that does not lead into it; nothing for a part that does.
function change(value, part) {
  if (part.kind === 'modifier') return { value: Object.hasOwn(kModifiers, part.name) ? kModifiers[part.name](value, part.argument) : undefined };
  if (part.kind === 'literal') return { value: part.value };
  return part.kind === 'several' ? { value: several(value, part) } : undefined;
}

function walk(value, parts, at) {
  if (at === parts.length || value === undefined) return value;
  const changed = change(value, parts[at]);
  if (changed !== undefined) return walk(changed.value, parts, at + 1);
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

function follow(value, steps) {
  return steps.reduce((found, parts) => (found === undefined ? undefined : walk(found, parts, 0)), value);
}

// Nothing where the path leads nowhere.
export function pick(value, path) {
  const steps = parsePath(path);
  return steps === undefined || steps.flat().length === 0 ? undefined : follow(value, steps);
}
