import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
const all = [new Counter('my_c', true), new Gauge('my_g', true), new Rate('my_rate', true), new Trend('my_t', true), new Counter('my_c2', false)];
export default () => all.forEach((m) => m.add(2.5));
