// What scripts import as https://jslib.k6.io/k6chaijs/…/index.js: describe() and chai's expect(), whose every assertion is a check. One that
// does not hold ends the block that it is in.

import { check, group } from 'k6';

class AssertionError extends Error {
  constructor(message) {
    super(message);
    this.name = 'AssertionError';
  }
}

function show(value) {
  if (typeof value === 'function') return `[Function: ${value.name || 'anonymous'}]`;
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value) ?? String(value);
}

export function isEqual(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return a.getTime() === b.getTime();
  if (a instanceof RegExp) return String(a) === String(b);
  if (a instanceof Map || a instanceof Set) return isEqual([...a], [...b]);
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]));
}

function typeOf(value) {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : Object.prototype.toString.call(value).slice(8, -1).toLowerCase();
}

function includes(value, part, equals) {
  if (typeof value === 'string') return value.includes(String(part));
  if (value instanceof Map) return [...value.values()].some((each) => equals(each, part));
  if (Array.isArray(value) || value instanceof Set) return [...value].some((each) => equals(each, part));
  return typeof part === 'object' && part !== null && Object.keys(part).every((key) => equals(value?.[key], part[key]));
}

const sizeOf = (value) => value?.length ?? value?.size;
const at = (value, path) => path.replace(/\[(\w+)\]/g, '.$1').split('.').reduce((found, key) => found?.[key], value);

// What holds of a value: by name, the words of the sentence behind "to", and the test. `flags` are the words before.
const kFlags = {
  ok: ['be truthy', (value) => Boolean(value)],
  true: ['be true', (value) => value === true],
  false: ['be false', (value) => value === false],
  null: ['be null', (value) => value === null],
  undefined: ['be undefined', (value) => value === undefined],
  NaN: ['be NaN', (value) => Number.isNaN(value)],
  exist: ['exist', (value) => value !== null && value !== undefined],
  empty: ['be empty', (value) => (sizeOf(value) ?? Object.keys(value ?? {}).length) === 0],
};
const kMethods = {
  equal: ['equal', (value, [other], flags) => (flags.deep ? isEqual(value, other) : value === other)],
  eql: ['deeply equal', (value, [other]) => isEqual(value, other)],
  above: ['be above', (value, [other], flags) => (flags.length ? sizeOf(value) : value) > other],
  least: ['be at least', (value, [other], flags) => (flags.length ? sizeOf(value) : value) >= other],
  below: ['be below', (value, [other], flags) => (flags.length ? sizeOf(value) : value) < other],
  most: ['be at most', (value, [other], flags) => (flags.length ? sizeOf(value) : value) <= other],
  within: ['be within', (value, [from, to], flags) => (flags.length ? sizeOf(value) : value) >= from && (flags.length ? sizeOf(value) : value) <= to],
  closeTo: ['be close to', (value, [other, delta]) => Math.abs(value - other) <= delta],
  lengthOf: ['have length', (value, [length]) => sizeOf(value) === length],
  match: ['match', (value, [pattern]) => pattern.test(value)],
  string: ['contain', (value, [part]) => typeof value === 'string' && value.includes(part)],
  oneOf: ['be one of', (value, [list], flags) => (flags.contain ? list.some((each) => includes(value, each, Object.is)) : list.includes(value))],
  members: ['have members', (value, [list], flags) => {
    const equals = flags.deep ? isEqual : Object.is;
    return (flags.contain || value.length === list.length) && list.every((each) => value.some((one) => equals(one, each)));
  }],
  keys: ['have keys', (value, given, flags) => {
    const keys = given.flat();
    if (flags.any) return keys.some((key) => Object.hasOwn(value, key));
    return keys.every((key) => Object.hasOwn(value, key)) && (flags.contain || Object.keys(value).length === keys.length);
  }],
  instanceof: ['be an instance of', (value, [made]) => value instanceof made],
  satisfy: ['satisfy', (value, [test]) => Boolean(test(value))],
  throw: ['throw', (value, [what]) => {
    try {
      value();
    } catch (error) {
      return what === undefined || (typeof what === 'function' ? error instanceof what : what instanceof RegExp ? what.test(error.message) : String(error.message).includes(what));
    }
    return false;
  }],
  validJsonBody: ['have a valid JSON body', (value) => {
    try {
      return value.json() !== undefined;
    } catch {
      return false;
    }
  }],
};
const kOtherNames = {
  equals: 'equal', eq: 'equal', eqls: 'eql', gt: 'above', greaterThan: 'above', gte: 'least', greaterThanOrEqual: 'least', lt: 'below', lessThan: 'below',
  lte: 'most', lessThanOrEqual: 'most', approximately: 'closeTo', matches: 'match', key: 'keys', instanceOf: 'instanceof', throws: 'throw', Throw: 'throw',
};
const kWords = ['to', 'be', 'been', 'is', 'that', 'which', 'and', 'has', 'have', 'with', 'at', 'of', 'same', 'but', 'does', 'still', 'also'];

class Assertion {
  constructor(value, name, flags = {}) {
    Object.assign(this, { value, name, flags });
  }

  assert(holds, sentence) {
    const { name, value, flags } = this;
    const passed = Boolean(holds) !== Boolean(flags.not);
    const text = `${name ?? show(value)} to ${flags.not ? 'not ' : ''}${sentence}`;
    check(null, { [`expected ${text}`]: passed });
    if (!passed) throw new AssertionError(`expected ${name === undefined ? '' : `${name}: `}${show(value)} to ${flags.not ? 'not ' : ''}${sentence}`);
    return this;
  }
  flagged(flag) { return new Assertion(this.value, this.name, { ...this.flags, [flag]: true }); }

  property(name, ...expected) {
    const path = this.flags.nested ? at(this.value, name) : this.value?.[name];
    const holds = path !== undefined && (expected.length === 0 || (this.flags.deep ? isEqual(path, expected[0]) : path === expected[0]));
    this.assert(holds, `have property '${name}'${expected.length > 0 ? ` of ${show(expected[0])}` : ''}`);
    return this.flags.not ? this : new Assertion(path, this.name);
  }
}

function define(name, get) {
  Object.defineProperty(Assertion.prototype, name, { get, configurable: true });
}

for (const word of kWords) define(word, function chain() { return this; });
for (const flag of ['not', 'deep', 'nested', 'any', 'all', 'own', 'ordered']) define(flag, function chain() { return this.flagged(flag); });
for (const [name, [sentence, test]] of Object.entries(kFlags)) define(name, function tell() { return this.assert(test(this.value), sentence); });
for (const [name, [sentence, test]] of Object.entries(kMethods)) {
  Assertion.prototype[name] = function tell(...given) {
    return this.assert(test(this.value, given, this.flags), [sentence, ...given.map(show)].join(' '));
  };
}
for (const [other, name] of Object.entries(kOtherNames)) Assertion.prototype[other] = Assertion.prototype[name];
// Words that are methods as well as parts of a sentence: an('array') and an.instanceof(Array).
function defineBoth(names, flag, tell) {
  for (const name of names) {
    define(name, function chain() {
      const rest = this.flagged(flag);
      const get = (_, key) => {
        const value = rest[key];
        return typeof value === 'function' ? value.bind(rest) : value;
      };
      return new Proxy((given) => tell(this, given), { get });
    });
  }
}
defineBoth(['a', 'an'], 'a', (self, type) => self.assert(typeOf(self.value) === String(type).toLowerCase(), `be a ${type}`));
defineBoth(['include', 'includes', 'contain', 'contains'], 'contain', (self, part) => {
  return self.assert(includes(self.value, part, self.flags.deep ? isEqual : Object.is), `include ${show(part)}`);
});
defineBoth(['length'], 'length', (self, length) => self.lengthOf(length));

export function expect(value, name) {
  return new Assertion(value, name);
}

// Whether all in it held. What is no assertion that failed is a mistake of the script, and told as one.
export function describe(name, fn) {
  let holds = true;
  group(name, () => {
    try {
      fn();
    } catch (error) {
      holds = false;
      if (error instanceof AssertionError) console.warn(`${name}: ${error.message}`);
      else console.error(`${name}: ${error.stack ?? error}`);
      if (!(error instanceof AssertionError)) check(null, { [`an exception was thrown: ${error.message ?? error}`]: false });
    }
  });
  return holds;
}

const chai = { config: {}, describe, expect };
export { chai };
export default chai;
