export default () => {
  console.log(typeof setTimeout, typeof setInterval, typeof clearTimeout, typeof TextEncoder, typeof TextDecoder, typeof global, typeof open);
  console.log(__VU, __ITER, typeof __ENV, __ENV.GREETING, __ENV.EMPTY, 'HOME' in __ENV);
  console.log([3, 1].toSorted(), [1, 2].toReversed(), [1, 2, 3].with(0, 9), [1, 2, 3].findLast((x) => x < 3), 'aXa'.replaceAll('a', 'b'));
  console.log(new TextEncoder().encode('\u00fc'), new TextDecoder().decode(new Uint8Array([195, 188])));
};
// flags: -e GREETING=hi -e EMPTY
