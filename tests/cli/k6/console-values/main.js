// How values are shown (k6 reference, §12).
export const options = { iterations: 1 };

class Point { constructor() { this.x = 1; this.y = [2]; } }

export default function () {
  const circle = { name: 'c' };
  circle.self = circle;
  const list = [1];
  list.push(list);
  const deep = { a: { b: { c: { d: { e: { f: 1 } } } } } };
  const values = [
    ['strings', '', 'a "b"', ['a "b"', "it's", 'line\nbreak'], { text: 'a\tb' }],
    ['numbers', 1, -0, 1.5, 1e21, 1e-7, NaN, Infinity, [NaN, -0, 1e21], 12345678901234567890],
    ['nothing', null, undefined, [null, undefined], { a: null, b: undefined }],
    ['booleans', true, false, [true]],
    ['big', 10n, [10n], { n: 10n }],
    ['functions', () => 1, function named() {}, [() => 1], { f() {} }, class A {}],
    ['objects', {}, { a: 1 }, { 'a-b': 1, 2: 3, 'c d': {} }, { a: { b: { c: 1 } } }],
    ['arrays', [], [1, 2], [[]], [[1], [2, [3]]], new Array(3), [1, , 3]],
    ['circles', circle, list],
    ['deep', deep],
    ['dates', new Date(0), [new Date(86400000)], { at: new Date(0) }],
    ['errors', new Error('no'), new TypeError('t'), [new Error('in')], { e: new RangeError('r') }],
    ['buffers', new Uint8Array([1, 2, 3]), new ArrayBuffer(2), new Float64Array([1.5]), { b: new Int16Array([-1]) }, new Uint8Array(0)],
    ['maps', new Map([['a', 1]]), new Set([1, 'b']), { m: new Map() }],
    ['classes', new Point(), [new Point()], Object.create(null), Object.create({ inherited: 1 })],
    ['symbols', [Symbol('s')].length, { [Symbol('k')]: 1 }],
    ['regexps', /a/g, [/a/g]],
    ['boxed', new String('s'), new Number(1), new Boolean(false)],
    ['promises', Promise.resolve(1)],
    ['getters', { get a() { return 1; } }],
    ['toJSON', { toJSON() { return 'j'; } }, { v: { toJSON() { return { k: 1 }; } } }],
    ['many', Array.from({ length: 120 }, (_, i) => i)],
    ['proxies', new Proxy({ a: 1 }, {})],
    ['arguments', (function () { return arguments; })(1, 2)],
  ];
  for (const [name, ...each] of values) {
    for (let i = 0; i < each.length; ++i) {
      try { console.log(name, i, each[i]); } catch (error) { console.log(name, i, 'threw'); }
    }
  }
  console.log('a', 1, { b: 2 }, [3], 'c');
  console.log('%s %d', 'x', 5);
  try { console.log(Symbol('s')); } catch (error) { console.log('symbol threw'); }
}
