export default () => {
  console.log('text', 1, 1.5, -0, true, null, undefined, () => 1, Symbol.iterator.toString());
  console.log({ a: 1, b: [1, 'x'], c: { d: null } }, [], {}, [[]], [undefined, null]);
  console.log(new Date(0), new Error('an error'), new TypeError('typed'), [new Error('within')]);
  console.log(new Uint8Array([1, 2, 3]), new Uint8Array([1, 2]).buffer, new Float64Array(2));
  console.log('quote " and \n line', "it's", '\u00fc', '%s', 'x');
  console.log(new Map([[1, 2]]), new Set([1]), class A {}, new (class B { x = 1; })(), 10n, NaN, Infinity, 1e21, 1e-7);
  console.log();
  console.log('');
  const circle = { name: 'circle' };
  circle.self = circle;
  console.log(circle);
  console.log({ 'with-dash': 1, 1: 2, f() {}, [Symbol('s')]: 1, u: undefined });
  console.info('info');
  console.warn('warn');
  console.error('error');
  console.debug('debug');
  console.log(['a"b', 'it\'s'], { t: 'q"' });
};
