// The module k6/data (k6 reference, §11.4).

import { freeze } from 'gantry:freeze';
import { isInit, sharedArray, sharedElement } from 'gantry:vu';

// An array of which every VU sees the same elements, kept once, as JSON; each look at one is a fresh copy.
export class SharedArray {
  constructor(name, make) {
    if (!isInit()) throw new Error('new SharedArray must be called in the init context');
    if (typeof name !== 'string' || name === '') throw new Error('empty name provided to SharedArray\'s constructor');
    if (typeof make !== 'function') throw new Error('a function is expected as the second argument of SharedArray\'s constructor');
    if (make.constructor.name === 'AsyncFunction') throw new Error('SharedArray constructor does not support async functions as second argument');
    const length = sharedArray(name, () => {
      const made = make();
      if (!Array.isArray(made)) throw new Error('only arrays can be made into SharedArray');
      return Array.from(made, (element) => JSON.stringify(element) ?? 'null');
    });
    const isIndex = (key) => typeof key === 'string' && /^\d+$/.test(key);
    const element = (key) => (Number(key) < length ? freeze(JSON.parse(sharedElement(name, Number(key)))) : undefined);
    return new Proxy(new Array(length), {
      get: (target, key, receiver) => (isIndex(key) ? element(key) : Reflect.get(target, key, receiver)),
      has: (target, key) => (isIndex(key) ? Number(key) < length : Reflect.has(target, key)),
      ownKeys: (target) => [...Array.from({ length }, (_, i) => String(i)), ...Reflect.ownKeys(target)],
      getOwnPropertyDescriptor(target, key) {
        if (!isIndex(key)) return Reflect.getOwnPropertyDescriptor(target, key);
        return Number(key) < length ? { get: () => element(key), enumerable: true, configurable: true } : undefined;
      },
      set() { throw new TypeError('SharedArray is immutable'); },
      deleteProperty() { throw new TypeError('SharedArray is immutable'); },
      defineProperty() { throw new TypeError('SharedArray is immutable'); },
    });
  }
}

export default { SharedArray };
