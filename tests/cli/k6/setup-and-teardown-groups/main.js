// flags: --out json=samples.json
import exec from 'k6/execution';
import http from 'k6/http';
import { check, group } from 'k6';
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
const counted = new Counter('my_count');
const level = new Gauge('my_level');
const share = new Rate('my_rate');
const trend = new Trend('my_trend');
export const options = {
  thresholds: {
    'checks{group:::setup}': ['rate==0.5'], 'checks{group:::teardown}': ['rate==1'], 'checks{group:::outer}': ['rate==1'], 'my_count{group:::setup::outer}': ['count==2'],
    'http_reqs{group:::setup}': ['count==1'], 'data_sent{group:::teardown}': [],
  },
};
export const setup = () => {
  http.get(`${__ENV.AT}/tell`);
  check(1, { fine: true, 'in setup': false });
  counted.add(1); level.add(2); share.add(true); trend.add(5);
  group('outer', () => {
    counted.add(2);
    check(1, { fine: true });
    group('inner', () => check(1, { deep: false }));
    group('', () => check(1, { nowhere: true }));
  });
  group('', () => console.log(exec.vu.tags.group));
};
export default () => {
  group('', () => check(1, { fine: false, main: true }));
  group('outer', () => { http.get(`${__ENV.AT}/tell`); check(1, { fine: true }); counted.add(3); });
  group('silent', () => http.get(`${__ENV.AT}/tell`));
  check(1, { fine: true, late: true }, { group: '::other::x' });
  check(1, { flat: true }, { group: 'flat', check: 'no' });
};
export const teardown = () => {
  check(1, { fine: true, 'in teardown': true });
  counted.add(7);
  group('last', () => {});
  console.log(exec.vu.tags.group);
};
