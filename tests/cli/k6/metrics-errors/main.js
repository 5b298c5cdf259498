import { Counter, Trend, Rate } from 'k6/metrics';
const told = [];
for (const make of [() => new Counter('x'), () => new Counter('1abc'), () => new Counter('with-dash'), () => new Counter(''), () => new Counter(),
  () => new Counter('twice'), () => new Counter('twice'), () => new Trend('twice'), () => new Trend('tt'), () => new Trend('tt', true), () => new Rate('iterations'), () => new Counter('iterations').add(1)]) {
  try {
    told.push(typeof make());
  } catch (error) {
    told.push('threw');
  }
}
const c = new Counter('counter'), t = new Trend('trend'), r = new Rate('rate');
export default () => {
  console.log(told);
  console.log(c.add(1), c.add('2'), c.add(true), c.add(null), c.add(undefined), c.add(NaN), c.add('x'), c.add(-1), c.add(), c.add({}));
  console.log(t.add(1), t.add('2.5'), t.add(true), t.add(null), t.add(false));
  console.log(r.add(1), r.add('x'), r.add(-3), r.add(false), r.add(null), r.add(0.1));
  try {
    new Counter('late');
    console.log('fine');
  } catch (error) {
    console.log('threw');
  }
};
