// The module k6 (k6 reference, §11.1).

import { checked, groupEnd, groupStart, isInit, sleep as pause } from 'gantry:vu';

function forbidAtInit(name) {
  if (isInit()) throw new Error(`${name}() is not available in the init context: call it in the function of a VU`);
}

function isAsync(fn) {
  return fn?.constructor?.name === 'AsyncFunction';
}

export function check(value, checks, tags) {
  forbidAtInit('check');
  if (checks === undefined || checks === null) throw new Error('no checks provided to `check`');
  let all = true;
  for (const name of Object.keys(checks)) {
    if (name.includes('::')) throw new Error(`group and check names may not contain '::': ${name}`);
    const condition = checks[name];
    if (isAsync(condition)) throw new Error(`check ${name} is async: its promise would always be true`);
    let holds = false;
    try {
      holds = Boolean(typeof condition === 'function' ? condition(value) : condition);
    } catch (error) {
      checked(name, false, tags);
      throw error;
    }
    checked(name, holds, tags);
    all = all && holds;
  }
  return all;
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

export function sleep(seconds) {
  pause(Number(seconds));
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

export default { check, group, sleep, fail, randomSeed };
