export default () => {
  class P { constructor() { this.a = 1; } get g() { return 2; } m() {} }
  console.log(); console.log(''); console.log(' '); console.log('%s', 'x'); console.log(1n, [2n]); console.log(Symbol('s'), [Symbol('q')]); console.log(-0, NaN, Infinity, 1e21, 0.1); console.log([undefined, null, , 3]);
  console.log({ u: undefined, f() {}, g: () => 1, b: 1n }); console.log(new P()); console.log(/x/g, [/y/]); console.log(new Date(0), [new Date(NaN)]);
  console.log(new Uint8Array(0), new Float64Array([1.5]), new ArrayBuffer(0), new DataView(new ArrayBuffer(2)), [new DataView(new ArrayBuffer(2))]);
  console.log('multi\nline', ['multi\nline'], { k: 'quote"d' }); console.log({ 'a-b': 1, 2: 3 }, { nested: { deep: { deeper: { deepest: 1 } } } }); console.log(Object.create(null), Object.create({ inherited: 1 })); console.log([[[[1]]]], [{ a: [] }]); console.log(new Proxy({ a: 1 }, {}));
  console.log(function named() {}, class C {}, async () => 1, Math.max); console.log((function () { return arguments; })(1, 2)); console.log({ toString() { return 'tostring'; } }); console.log(null, undefined, true); console.log('é 😀');
};
