// The module k6 (k6 reference, §11.1).

import { check, groupEnd, groupStart, isInit, sleep } from 'gantry:vu';

function forbidAtInit(name) {
  if (isInit()) throw new Error(`${name}() is not available in the init context: call it in the function of a VU`);
}

function isAsync(fn) {
  return fn?.constructor?.name === 'AsyncFunction';
}

export function group(name, fn) {
  forbidAtInit('group');
  if (String(name).includes('::')) throw new Error(`group and check names may not contain '::': ${name}`);
  if (typeof fn !== 'function') throw new Error('group() requires a callback as a second argument');
  if (isAsync(fn)) throw new Error('group() does not support async functions as arguments');
  groupStart(String(name));
  try {
    return fn();
  } finally {
    groupEnd();
  }
}

export function fail(message) {
  throw new Error(message === undefined ? 'fail() called' : String(message));
}

export function randomSeed(value) {
  // A generator of its own: V8's cannot be seeded. SplitMix64 would need BigInt; mulberry32 has 32 bits of state and is enough.
  let state = Number(value) | 0;
  Math.random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export { check, sleep };

export default { check, group, sleep, fail, randomSeed };
