import { SharedArray } from 'k6/data';
const tell = (what, f) => { try { const v = f(); console.log(what, typeof v === 'object' ? JSON.stringify(v) : v); } catch (e) { console.log(what, 'threw'); } };
const a = new SharedArray('a', () => [{ x: [1, { y: 2 }] }, 'two', null, 4, new Date(0), [1]]);
export default () => {
  for (let i = 0; i < 7; ++i) tell(`at ${i}`, () => a[i]);
  tell('keys', () => Object.keys(a).join()); tell('for in', () => { const k = []; for (const i in a) k.push(i); return k.join(); }); tell('values', () => Object.values(a).length);
  tell('same', () => a[0] === a[0]); tell('frozen', () => Object.isFrozen(a[0]) && Object.isFrozen(a[0].x[1])); tell('write in', () => { a[0].x = 1; }); tell('push', () => a.push(1)); tell('delete', () => delete a[0]);
  tell('json', () => JSON.stringify(a)); tell('spread', () => [...a].length); tell('in', () => [0 in a, 8 in a, 'length' in a, 'x' in a].join());
  tell('map', () => a.map((x) => typeof x).join()); tell('filter', () => a.filter((x) => x === 'two').length); tell('slice', () => a.slice(1, 3)); tell('concat', () => a.concat([1]).length); tell('indexOf', () => a.indexOf('two')); tell('find', () => a.find((x) => x && x.x)); tell('entries', () => [...a.entries()].length); tell('reduce', () => a.reduce((n) => n + 1, 0)); tell('flat', () => a.flat().length); tell('from', () => Array.from(a).length); tell('destructure', () => { const [, two] = a; return two; }); tell('toSorted', () => a.toSorted().length);
  console.log(a);
};
