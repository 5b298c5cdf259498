// What scripts import as https://jslib.k6.io/k6-testing/…/index.js: expect(value).toBe(…). An assertion that does not hold ends the iteration and
// marks the run as failed; of expect.soft() it only marks it.

import { isEqual } from 'gantry:chai';
import { test } from 'k6/execution';

function show(value) {
  return typeof value === 'function' ? `[Function: ${value.name || 'anonymous'}]` : JSON.stringify(value) ?? String(value);
}

// Anything(), any(String), objectContaining({…}) and their like decide for themselves.
class Matching {
  constructor(name, fits) {
    Object.assign(this, { name, fits });
  }
  toJSON() { return this.name; }
}

function fits(value, expected) {
  if (expected instanceof Matching) return expected.fits(value);
  if (typeof expected !== 'object' || expected === null || typeof value !== 'object' || value === null) return isEqual(value, expected);
  if (Array.isArray(expected)) return Array.isArray(value) && value.length === expected.length && expected.every((each, i) => fits(value[i], each));
  if (Object.getPrototypeOf(expected) !== Object.prototype) return isEqual(value, expected);
  const keys = (object) => Object.keys(object).filter((key) => object[key] !== undefined);
  return keys(value).length === keys(expected).length && keys(expected).every((key) => fits(value[key], expected[key]));
}

const contains = (value, part) => typeof value === 'object' && value !== null && Object.keys(part).every((key) => fits(value[key], part[key]));
const at = (value, path) => (Array.isArray(path) ? path : String(path).replace(/\[(\w+)\]/g, '.$1').split('.')).reduce((found, key) => found?.[key], value);
const isOf = (value, type) => (typeof value === 'object' && value !== null ? value instanceof type : Object(value) instanceof type);

const kMatchers = {
  toBe: (value, expected) => Object.is(value, expected),
  toEqual: (value, expected) => fits(value, expected),
  toStrictEqual: (value, expected) => isEqual(value, expected),
  toBeTruthy: (value) => Boolean(value),
  toBeFalsy: (value) => !value,
  toBeNull: (value) => value === null,
  toBeUndefined: (value) => value === undefined,
  toBeDefined: (value) => value !== undefined,
  toBeNaN: (value) => Number.isNaN(value),
  toBeGreaterThan: (value, limit) => value > limit,
  toBeGreaterThanOrEqual: (value, limit) => value >= limit,
  toBeLessThan: (value, limit) => value < limit,
  toBeLessThanOrEqual: (value, limit) => value <= limit,
  toBeCloseTo: (value, expected, digits = 2) => Math.abs(value - expected) < 10 ** -digits / 2,
  toBeInstanceOf: (value, type) => value instanceof type,
  toHaveLength: (value, length) => value?.length === length,
  toHaveProperty: (value, path, ...expected) => at(value, path) !== undefined && (expected.length === 0 || fits(at(value, path), expected[0])),
  toContain: (value, part) => (typeof value === 'string' ? value.includes(part) : [...value].includes(part)),
  toContainEqual: (value, part) => [...value].some((each) => fits(each, part)),
  toMatch: (value, pattern) => (pattern instanceof RegExp ? pattern.test(value) : value.includes(pattern)),
  toMatchObject: contains,
  toThrow: (value, expected) => {
    try {
      value();
    } catch (error) {
      return expected === undefined || (expected instanceof RegExp ? expected.test(error.message) : String(error.message).includes(expected));
    }
    return false;
  },
};

function makeMatchers(value, message, settings, isNegated) {
  const made = {};
  for (const [name, test_] of Object.entries(kMatchers)) {
    made[name] = (...expected) => {
      if (test_(value, ...expected) !== isNegated) return;
      const call = `expect(received).${isNegated ? 'not.' : ''}${name}(${expected.map(show).join(', ')})`;
      const text = `${message === undefined ? '' : `${message}: `}${call} does not hold: received ${show(value)}`;
      test.fail(text);
      if (!settings.isSoft) throw new Error(text);
    };
  }
  return made;
}

function makeExpect(settings) {
  const expect = (value, message) => {
    const made = makeMatchers(value, message, settings, false);
    made.not = makeMatchers(value, message, settings, true);
    return made;
  };
  expect.anything = () => new Matching('anything', (value) => value !== null && value !== undefined);
  expect.any = (type) => new Matching(`any ${type.name}`, (value) => value !== null && value !== undefined && isOf(value, type));
  expect.stringContaining = (part) => new Matching(`a text with ${part}`, (value) => typeof value === 'string' && value.includes(part));
  expect.stringMatching = (pattern) => new Matching(`a text like ${pattern}`, (value) => typeof value === 'string' && new RegExp(pattern).test(value));
  expect.objectContaining = (part) => new Matching(`an object with ${show(part)}`, (value) => contains(value, part));
  expect.arrayContaining = (part) => new Matching(`an array with ${show(part)}`, (value) => Array.isArray(value) && part.every((each) => value.some((one) => fits(one, each))));
  expect.closeTo = (expected, digits) => new Matching(`close to ${expected}`, (value) => kMatchers.toBeCloseTo(value, expected, digits));
  return expect;
}

export const expect = makeExpect({ isSoft: false });
expect.soft = makeExpect({ isSoft: true });
expect.configure = ({ soft = false } = {}) => makeExpect({ isSoft: soft });

export default { expect };
