// flags: -u 2 -i 5
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
const counter = new Counter('my_counter'), gauge = new Gauge('my_gauge'), rate = new Rate('my_rate'), trend = new Trend('my_trend'),
  time = new Trend('my_time', true), silent = new Counter('never_fed');
export default () => {
  counter.add(2.5);
  gauge.add(7);
  rate.add(true);
  rate.add(0);
  trend.add(12.25);
  time.add(3);
  console.log(silent.name, counter.add(1, { kind: 'b' }));
};
