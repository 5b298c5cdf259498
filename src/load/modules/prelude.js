// What every script finds without importing it (k6 reference, §3.3 and §12), and what k6's engine has and V8 10.2 lacks (§3.1).

import { TextDecoder, textToBytes } from 'gantry:bytes';
import { startTimer, stopTimer } from 'gantry:loop';
import { isInit, log, makeWebCrypto, openFile } from 'gantry:vu';

function inspectBytes(value) {
  if (value instanceof DataView) return '{}';
  if (value instanceof ArrayBuffer) {
    const bytes = [...new Uint8Array(value)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    return `ArrayBuffer { [Uint8Contents]: <${bytes}>, byteLength: ${value.byteLength} }`;
  }
  return `${value.constructor.name}(${value.length}) ${value.length === 0 ? '[]' : `[ ${[...value].join(', ')} ]`}`;
}

function inspect(value, above) {
  if (typeof value === 'string') return `"${value}"`;
  if (value === undefined) return 'null';
  if (typeof value === 'function') return '[object Function]';
  if (typeof value === 'symbol') return `"${value.description ?? ''}"`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (above.includes(value)) return '[Circular]';
  if (value instanceof Error) return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '{}' : JSON.stringify(value);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return inspectBytes(value);
  const within = [...above, value];
  if (Array.isArray(value)) {
    return value.length === 0 ? '[]' : `[ ${Array.from(value, (element) => inspect(element, within)).join(', ')} ]`;
  }
  const members = Object.keys(value).map((key) => `${key}: ${inspect(value[key], within)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

function say(level) {
  return (...values) => log(level, values.map((value) => (typeof value === 'string' ? value : value === undefined ? 'undefined' : typeof value === 'symbol' ? value.description ?? '' : inspect(value, []))).join(' '));
}

globalThis.console = {
  log: say('info'), info: say('info'), warn: say('warning'), error: say('error'), debug: say('debug'),
};
globalThis.global = globalThis;
globalThis.TextEncoder = class TextEncoder {
  get encoding() { return 'utf-8'; }
  encode(text = '') { return textToBytes(String(text)); }
};
globalThis.TextDecoder = TextDecoder;
// CommonJS has these as its own; who asks for them elsewhere has mixed the two.
for (const name of ['module', 'exports']) {
  const explain = () => {
    throw new Error(`you are trying to access identifier "${name}", this likely is due to mixing ECMAScript Modules (ESM) and CommonJS syntax: use only one of them`);
  };
  Object.defineProperty(globalThis, name, { get: explain, set: explain });
}
// Made when a script first asks for it: few do.
Object.defineProperty(globalThis, 'crypto', {
  get() {
    const value = makeWebCrypto();
    Object.defineProperty(globalThis, 'crypto', { value });
    return value;
  },
  configurable: true,
});
globalThis.open = (path, mode) => {
  if (!isInit()) throw new Error('open() can only be called in the init context');
  if (path === undefined || path === '') throw new Error("open() can't be used with an empty filename");
  return openFile(String(path), mode === 'b');
};

globalThis.setTimeout = (callback, delay, ...values) => startTimer(callback, delay, false, values);
globalThis.setInterval = (callback, delay, ...values) => startTimer(callback, delay, true, values);
globalThis.clearTimeout = stopTimer;
globalThis.clearInterval = stopTimer;

function define(prototype, functions) {
  for (const name of Object.keys(functions)) {
    if (!Object.hasOwn(prototype, name)) {
      Object.defineProperty(prototype, name, { value: functions[name], writable: true, configurable: true });
    }
  }
}

define(Array.prototype, {
  toReversed() { return [...this].reverse(); },
  toSorted(compare) { return [...this].sort(compare); },
  toSpliced(...change) {
    const copy = [...this];
    copy.splice(...change);
    return copy;
  },
  with(index, value) {
    const at = Math.trunc(index) < 0 ? this.length + Math.trunc(index) : Math.trunc(index);
    if (!(at >= 0 && at < this.length)) throw new RangeError('Invalid index : ' + index);
    const copy = [...this];
    copy[at] = value;
    return copy;
  },
});
define(Object.getPrototypeOf(Uint8Array.prototype), {
  toReversed() { return this.slice().reverse(); },
  toSorted(compare) { return this.slice().sort(compare); },
  with(index, value) {
    const at = Math.trunc(index) < 0 ? this.length + Math.trunc(index) : Math.trunc(index);
    if (!(at >= 0 && at < this.length)) throw new RangeError('Invalid typed array index');
    const copy = this.slice();
    copy[at] = value;
    return copy;
  },
});
