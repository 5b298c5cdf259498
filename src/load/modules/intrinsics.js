// What k6's own modules use of the language: the functions as they are before a script can change them. In k6 those modules are no
// JavaScript, so that nothing disturbs them which a script does to Array.prototype and its like (script/intrinsics.h).

import { keepIntrinsics } from 'gantry:vu';

const kept = [];

// `path` is what a script calls the holder; undefined for what has no name.
function keep(path, holder, names) {
  for (let i = 0; i < names.length; ++i) {
    kept.push(path === undefined || typeof names[i] === 'symbol' ? undefined : `${path}.${names[i]}`, holder, names[i], holder[names[i]]);
  }
}

const { iterator } = Symbol;
const iteratorOf = (list) => Object.getPrototypeOf(list[iterator]());
const TypedArray = Object.getPrototypeOf(Uint8Array);

keep('Array', Array, ['from', 'isArray', 'of']);
keep('Array.prototype', Array.prototype, [
  'at', 'concat', 'entries', 'every', 'fill', 'filter', 'find', 'findIndex', 'flat', 'flatMap', 'forEach', 'includes', 'indexOf', 'join', 'keys', 'lastIndexOf', 'map',
  'pop', 'push', 'reduce', 'reduceRight', 'reverse', 'shift', 'slice', 'some', 'sort', 'splice', 'toString', 'unshift', 'values', iterator,
]);
keep(undefined, iteratorOf([]), ['next']);
keep(undefined, iteratorOf(''), ['next']);
keep(undefined, iteratorOf(new Map()), ['next']);
keep(undefined, iteratorOf(new Set()), ['next']);
keep(undefined, iteratorOf(''.matchAll(/x/g)), ['next']);
keep('String', String, ['fromCharCode', 'fromCodePoint', 'raw']);
keep('String.prototype', String.prototype, [
  'at', 'charAt', 'charCodeAt', 'codePointAt', 'concat', 'endsWith', 'includes', 'indexOf', 'lastIndexOf', 'localeCompare', 'match', 'matchAll', 'normalize',
  'padEnd', 'padStart', 'repeat', 'replace', 'replaceAll', 'search', 'slice', 'split', 'startsWith', 'substr', 'substring', 'toLowerCase', 'toString',
  'toUpperCase', 'trim', 'trimEnd', 'trimStart', 'valueOf', iterator,
]);
keep('RegExp.prototype', RegExp.prototype, ['exec', 'test', 'toString', Symbol.match, Symbol.matchAll, Symbol.replace, Symbol.search, Symbol.split]);
keep('Map.prototype', Map.prototype, ['get', 'set', 'has', 'delete', 'clear', 'forEach', 'entries', 'keys', 'values', iterator]);
keep('Set.prototype', Set.prototype, ['add', 'has', 'delete', 'clear', 'forEach', 'entries', 'keys', 'values', iterator]);
keep('WeakMap.prototype', WeakMap.prototype, ['get', 'set', 'has', 'delete']);
keep('Promise', Promise, ['all', 'reject', 'resolve']);
keep('Promise.prototype', Promise.prototype, ['then', 'catch', 'finally']);
keep('Function.prototype', Function.prototype, ['apply', 'bind', 'call', 'toString']);
keep('Object', Object, [
  'assign', 'create', 'defineProperties', 'defineProperty', 'entries', 'freeze', 'fromEntries', 'getOwnPropertyDescriptor', 'getOwnPropertyNames', 'getPrototypeOf',
  'hasOwn', 'is', 'keys', 'setPrototypeOf', 'values',
]);
keep('Object.prototype', Object.prototype, ['hasOwnProperty', 'toString', 'valueOf']);
keep('Reflect', Reflect, ['apply', 'construct', 'get', 'has', 'ownKeys', 'set']);
keep('JSON', JSON, ['parse', 'stringify']);
keep('Math', Math, ['abs', 'ceil', 'exp', 'floor', 'imul', 'max', 'min', 'random', 'round', 'sqrt', 'trunc']);
keep('Number', Number, ['isFinite', 'isInteger', 'isNaN', 'isSafeInteger', 'parseFloat', 'parseInt']);
keep('Number.prototype', Number.prototype, ['toFixed', 'toString']);
keep('BigInt.prototype', BigInt.prototype, ['toString']);
keep('Date', Date, ['now', 'parse']);
keep('Date.prototype', Date.prototype, ['getTime', 'toISOString']);
keep(undefined, TypedArray, ['from']);
keep(undefined, TypedArray.prototype, ['every', 'forEach', 'indexOf', 'join', 'map', 'reduce', 'set', 'slice', 'subarray', 'values', iterator]);
keep('ArrayBuffer', ArrayBuffer, ['isView']);
keep('ArrayBuffer.prototype', ArrayBuffer.prototype, ['slice']);
keep('DataView.prototype', DataView.prototype, ['getUint32', 'setUint32', 'setBigUint64']);
keep('globalThis', globalThis, [
  'Array', 'ArrayBuffer', 'BigInt', 'Boolean', 'DataView', 'Date', 'Error', 'Function', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Proxy', 'RangeError',
  'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'SyntaxError', 'TypeError', 'Uint8Array', 'Uint16Array', 'Uint32Array', 'Int32Array', 'WeakMap',
  'decodeURIComponent', 'encodeURIComponent', 'escape', 'parseFloat', 'parseInt',
]);

keepIntrinsics(kept);
