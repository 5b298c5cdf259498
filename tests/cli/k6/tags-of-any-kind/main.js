// flags: --out json=samples.json
// A scenario is called what it is called, whatever its tags say; dropped iterations have none of these.
import { check, sleep } from 'k6';
import { Counter } from 'k6/metrics';
export const options = { tags: { run: 'r', scenario: 'of the run' }, scenarios: {
  a: { executor: 'per-vu-iterations', tags: { scenario: 'of the scenario', group: 'g', own: 'o' } },
  b: { executor: 'shared-iterations', iterations: 5, maxDuration: '1s', gracefulStop: '0s', exec: 'late', tags: { own: 'p' } } } };
const c = new Counter('cc');
export const late = () => sleep(5);
export default () => {
  const tell = (f) => { try { console.log(f()); } catch (e) { console.log('threw'); } };
  tell(() => c.add(1, { a: 1, b: true, c: 'x' }));
  for (const odd of [null, undefined, {}, []]) tell(() => c.add(1, { a: odd }));
  for (const odd of [5, 'xy', null, undefined, [7], true]) tell(() => c.add(1, odd));
  tell(() => check(1, { x: true }, { t: null })); tell(() => check(1, { x: true }, 5)); tell(() => check(1, { x: true }, { check: 'mine', t: 1.5 }));
  tell(() => check(1, { y: false, x: true }, { t: 'one' })); tell(() => check(1, { x: true }, { t: 'one', group: '::made::up' }));
};
