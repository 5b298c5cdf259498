// flags: -i 3 --new-machine-readable-summary
import { check, group } from 'k6';
import { Gauge, Rate, Trend } from 'k6/metrics';
const g = new Gauge('gg'), r = new Rate('rr'), t = new Trend('tt');
export const options = { thresholds: { tt: ['p(95)<6'], 'rr{a:b}': [] } };
export default () => {
  g.add(1);
  r.add(__ITER);
  t.add(__ITER);
  group('g', () => check(__ITER, { small: (n) => n < 2 }));
};
