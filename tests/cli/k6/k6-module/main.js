import k6 from 'k6';
import { check, sleep, randomSeed } from 'k6';
export default () => {
  console.log(Object.keys(k6).sort());
  randomSeed(5);
  const a = Math.random();
  randomSeed(5);
  console.log(a === Math.random(), sleep(0), check(1, {}), check(1, { a: true, b: 0 }));
  for (const bad of [() => sleep(), () => sleep('x'), () => check(), () => k6.group('x'), () => k6.group('g', async () => 1), () => check(1, { a: async () => true }), () => k6.fail()]) {
    try {
      console.log(typeof bad());
    } catch (error) {
      console.log('threw');
    }
  }
};
