// What k6's own modules use of the language: the functions as they are before a script can change them. In k6 those modules are no
// JavaScript, so that nothing disturbs them which a script does to Array.prototype and its like (script/intrinsics.h).

import { keepIntrinsics } from 'gantry:vu';

const kept = [];

function keep(holder, names) {
  for (let i = 0; i < names.length; ++i) kept.push(holder, names[i], holder[names[i]]);
}

const { iterator } = Symbol;
const iteratorOf = (list) => Object.getPrototypeOf(list[iterator]());
const TypedArray = Object.getPrototypeOf(Uint8Array);

keep(Array, ['from', 'isArray', 'of']);
keep(Array.prototype, [
  'at', 'concat', 'entries', 'every', 'fill', 'filter', 'find', 'findIndex', 'flat', 'flatMap', 'forEach', 'includes', 'indexOf', 'join', 'keys', 'lastIndexOf', 'map',
  'pop', 'push', 'reduce', 'reduceRight', 'reverse', 'shift', 'slice', 'some', 'sort', 'splice', 'toString', 'unshift', 'values', iterator,
]);
keep(iteratorOf([]), ['next']);
keep(iteratorOf(''), ['next']);
keep(iteratorOf(new Map()), ['next']);
keep(iteratorOf(new Set()), ['next']);
keep(iteratorOf(''.matchAll(/x/g)), ['next']);
keep(String, ['fromCharCode', 'fromCodePoint', 'raw']);
keep(String.prototype, [
  'at', 'charAt', 'charCodeAt', 'codePointAt', 'concat', 'endsWith', 'includes', 'indexOf', 'lastIndexOf', 'localeCompare', 'match', 'matchAll', 'normalize',
  'padEnd', 'padStart', 'repeat', 'replace', 'replaceAll', 'search', 'slice', 'split', 'startsWith', 'substr', 'substring', 'toLowerCase', 'toString',
  'toUpperCase', 'trim', 'trimEnd', 'trimStart', 'valueOf', iterator,
]);
keep(RegExp.prototype, ['exec', 'test', 'toString', Symbol.match, Symbol.matchAll, Symbol.replace, Symbol.search, Symbol.split]);
keep(Map.prototype, ['get', 'set', 'has', 'delete', 'clear', 'forEach', 'entries', 'keys', 'values', iterator]);
keep(Set.prototype, ['add', 'has', 'delete', 'clear', 'forEach', 'entries', 'keys', 'values', iterator]);
keep(WeakMap.prototype, ['get', 'set', 'has', 'delete']);
keep(Promise, ['all', 'reject', 'resolve']);
keep(Promise.prototype, ['then', 'catch', 'finally']);
keep(Function.prototype, ['apply', 'bind', 'call', 'toString']);
keep(Object, [
  'assign', 'create', 'defineProperties', 'defineProperty', 'entries', 'freeze', 'fromEntries', 'getOwnPropertyDescriptor', 'getOwnPropertyNames', 'getPrototypeOf',
  'hasOwn', 'is', 'keys', 'setPrototypeOf', 'values',
]);
keep(Object.prototype, ['hasOwnProperty', 'toString', 'valueOf']);
keep(Reflect, ['apply', 'construct', 'get', 'has', 'ownKeys', 'set']);
keep(JSON, ['parse', 'stringify']);
keep(Math, ['abs', 'ceil', 'exp', 'floor', 'imul', 'max', 'min', 'random', 'round', 'sqrt', 'trunc']);
keep(Number, ['isFinite', 'isInteger', 'isNaN', 'isSafeInteger', 'parseFloat', 'parseInt']);
keep(Number.prototype, ['toFixed', 'toString']);
keep(BigInt.prototype, ['toString']);
keep(Date, ['now', 'parse']);
keep(Date.prototype, ['getTime', 'toISOString']);
keep(TypedArray, ['from']);
keep(TypedArray.prototype, ['every', 'forEach', 'indexOf', 'join', 'map', 'reduce', 'set', 'slice', 'subarray', 'values', iterator]);
keep(ArrayBuffer, ['isView']);
keep(ArrayBuffer.prototype, ['slice']);
keep(DataView.prototype, ['getUint32', 'setUint32', 'setBigUint64']);
keep(globalThis, [
  'Array', 'ArrayBuffer', 'BigInt', 'Boolean', 'DataView', 'Date', 'Error', 'Function', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Proxy', 'RangeError',
  'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'SyntaxError', 'TypeError', 'Uint8Array', 'Uint16Array', 'Uint32Array', 'Int32Array', 'WeakMap',
  'decodeURIComponent', 'encodeURIComponent', 'escape', 'parseFloat', 'parseInt',
]);

keepIntrinsics(kept);
