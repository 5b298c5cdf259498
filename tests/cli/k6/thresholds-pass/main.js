// flags: -i 6
import { check } from 'k6';
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
const c = new Counter('cc'), g = new Gauge('gg'), r = new Rate('rr'), t = new Trend('tt');
export const options = {
  summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(99.9)', 'count'],
  thresholds: {
    cc: ['count==6', 'count>=6', 'rate>0'],
    gg: ['value===5'],
    rr: ['rate<=0.5', { threshold: 'rate!=2', abortOnFail: true, delayAbortEval: '10s' }],
    tt: ['p(95)<6', 'avg==2.5', 'med<=2.5', 'min==0', 'max<5.1'],
    'tt{kind:odd}': ['avg>0'],
    'cc{kind:gone}': ['count<1'],
    'tt{ kind : "even" }': [],
    'checks{scenario:default}': ['rate>0.4'],
    iterations: ['count<7'],
    iteration_duration: ['max<60000'],
    http_reqs: ['count<1'],
    http_req_failed: ['rate<0.01'],
    'http_req_duration{expected_response:true}': ['p(95)<500'],
  },
};
export default () => {
  c.add(1);
  g.add(5);
  r.add(__ITER % 2);
  t.add(__ITER, { kind: __ITER % 2 ? 'odd' : 'even' });
  check(__ITER, { odd: (n) => n % 2 });
};
