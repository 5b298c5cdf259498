// flags: -u 2 -i 4
import { SharedArray } from 'k6/data';
const list = new SharedArray('list', () => [{ a: 1 }, { a: [2] }, 'x', null]);
export default () => {
  'use strict';
  const told = [list.length, list[0].a, list[9], list.map((x) => typeof x), [...list].length, Array.isArray(list)];
  for (const change of [() => { list[0] = 1; }, () => { list[1].a.push(3); }, () => list.push(1)]) {
    try {
      change();
      told.push('fine');
    } catch (error) {
      told.push(error.name);
    }
  }
  console.log(told);
};
