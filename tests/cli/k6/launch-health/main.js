// counts: vary
// A health check as teams have it before a launch (k6 reference, §20): its summary asks for what k6 does not have, too.
import http from 'k6/http';
import { check, sleep } from 'k6';
import { Rate, Trend } from 'k6/metrics';

const errorRate = new Rate('errors');
const healthCheckDuration = new Trend('health_check_duration');

export const options = {
  scenarios: { baseline: { executor: 'constant-vus', vus: 5, duration: '1s' } },
  thresholds: {
    http_req_duration: ['p(95)<60000'],
    'http_req_duration{scenario:baseline}': ['p(99)<60000'],
    errors: ['rate<0.01'],
    health_check_duration: ['p(95)<60000'],
    http_req_failed: ['rate<0.01'],
  },
};

const BASE_URL = __ENV.BASE_URL || __ENV.AT;

export default function () {
  const response = http.get(`${BASE_URL}/health/saas`, { headers: { Accept: 'application/json' }, tags: { name: 'health-saas' } });
  healthCheckDuration.add(response.timings.duration);
  const passed = check(response, {
    'status is 200': (r) => r.status === 200,
    'a known status': (r) => {
      try {
        const body = JSON.parse(r.body);
        return ['ok', 'degraded'].includes(body.status) && body.nats?.status !== undefined;
      } catch {
        return false;
      }
    },
  });
  errorRate.add(!passed);
  sleep(0.1);
}

export function handleSummary(data) {
  const duration = data.metrics.http_req_duration;
  const thresholds = {};
  for (const [name, metric] of Object.entries(data.metrics)) {
    if (metric.thresholds) thresholds[name] = Object.values(metric.thresholds).every((t) => t.ok);
  }
  const summary = {
    duration_seconds: data.root_group.duration / 1000,
    requests: data.metrics.http_reqs?.values?.count || 0,
    requests_per_second: data.metrics.http_reqs?.values?.rate || 0,
    error_rate: data.metrics.errors?.values?.rate,
    latency: { p50: duration.values['p(50)'], p90: duration.values['p(90)'], p95: duration.values['p(95)'], p99: duration.values['p(99)'] },
    asked_in_baseline: data.metrics['http_req_duration{scenario:baseline}'].values.max > 0,
    names: Object.keys(duration.values).sort(),
    thresholds,
    passed: Object.values(thresholds).every((ok) => ok),
  };
  return { stdout: `requests ${summary.requests}\n`, 'data.json': JSON.stringify(summary, null, 2) };
}
