// Without the alias of globalThis.
// flags: --compatibility-mode base
export const options = { iterations: 1 };
export default function () {
  console.log(typeof global, typeof globalThis, typeof require, [3, 1, 2].toSorted().join());
}
