// counts: vary
// A soak test as teams have it before a launch (k6 reference, §20), for a moment instead of hours: metrics that nothing is added to, and a
// rate that hears of failures only.
import http from 'k6/http';
import { check, group, sleep } from 'k6';
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';

const soakErrors = new Rate('soak_errors');
const leaks = new Counter('soak_leaks');
const memory = new Gauge('soak_memory');
const readDuration = new Trend('soak_read_duration', true);

export const options = {
  scenarios: { soak: { executor: 'constant-vus', vus: 3, duration: '1s', gracefulStop: '5s' } },
  thresholds: { soak_errors: ['rate<0.01'], soak_read_duration: ['p(95)<60000'], http_req_failed: ['rate<0.01'] },
};

export function setup() {
  const response = http.get(`${__ENV.AT}/health/saas`);
  if (response.status !== 200) throw new Error('nothing to soak');
  return { startedAt: Date.now(), checkpoints: 0 };
}

export default function (data) {
  group('read', () => {
    const response = http.get(`${__ENV.AT}/health/saas`, { tags: { name: 'health-saas' } });
    readDuration.add(response.timings.duration);
    if (!check(response, { 'answers 200': (r) => r.status === 200 })) soakErrors.add(1);
  });
  group('write', () => {
    const body = JSON.stringify({ client: `soak-${__VU}`, at: Date.now() });
    const response = http.post(`${__ENV.AT}/echo`, body, { headers: { 'Content-Type': 'application/json' } });
    if (!check(response, { 'says it back': (r) => r.json('client') === `soak-${__VU}` })) soakErrors.add(1);
  });
  if (__ITER % 100 === 0) console.log(`VU ${__VU > 0} after ${Math.floor((Date.now() - data.startedAt) / 60000)} min`);
  sleep(0.2);
}

export function teardown(data) {
  console.log(`soaked for ${((Date.now() - data.startedAt) / 3600000).toFixed(2)} h`);
}

export function handleSummary(data) {
  const value = (metric, key) => data.metrics[metric]?.values?.[key];
  return {
    stdout: 'done\n',
    'data.json': JSON.stringify({
      errors: value('soak_errors', 'rate') || 0,
      has_errors: 'soak_errors' in data.metrics,
      leaks: value('soak_leaks', 'count') || 0,
      memory: value('soak_memory', 'max') || 0,
      never_fed: ['soak_leaks', 'soak_memory'].filter((name) => name in data.metrics),
      read_p95: value('soak_read_duration', 'p(95)'),
      passed: Object.values(data.metrics).filter((m) => m.thresholds).every((m) => Object.values(m.thresholds).every((t) => t.ok)),
    }),
  };
}
