// flags: -i 3
import { Trend } from 'k6/metrics';
const t = new Trend('tt');
export const options = { thresholds: { tt: ['p(50)<1', 'max<100'], 'tt{a:b}': ['min>5'], iterations: ['count>100'] } };
export default () => t.add(__ITER + 1, { a: 'b' });
