// Baseline: fifty clients ask for the health of the SaaS parts for five minutes.
//
//   k6 run impl/claude/tests/load/saas-health.js
//   k6 run -e BASE_URL=https://api.kgents.example impl/claude/tests/load/saas-health.js
//
// A closed loop: each client waits for its answer and then 0.1 s more, so fifty of them cannot ask more than 500 times a
// second however fast the API is. The run shows that 100 a second are served in time; it does not show how much more would
// be. `--vus 50 --duration 5m` on the command line would replace the scenario below by one named "default", and the
// threshold on scenario "baseline" would judge nothing.

import http from 'k6/http';
import { check, sleep } from 'k6';
import { Rate, Trend } from 'k6/metrics';

const BASE_URL = __ENV.BASE_URL || 'http://localhost:8000';
const RESULTS = __ENV.RESULTS || 'load-test-results.json';

// What /health/saas may say while it can serve. An API that runs alone says "not_configured"; such a run is a valid test of
// the API and says nothing of NATS, so the statuses seen belong into the baseline document.
const SERVING = ['ok', 'degraded', 'not_started', 'not_configured'];

const errors = new Rate('errors');
const healthCheckDuration = new Trend('health_check_duration', true);

export const options = {
  scenarios: {
    baseline: {
      executor: 'constant-vus',
      vus: 50,
      duration: '5m',
    },
  },
  thresholds: {
    http_req_duration: ['p(95)<500'],
    'http_req_duration{scenario:baseline}': ['p(99)<1000'],
    http_reqs: ['rate>=100'],
    errors: ['rate<0.01'],
    health_check_duration: ['p(95)<300'],
  },
  // The baseline document reports these; without the list the summary would lack p(50) and p(99).
  summaryTrendStats: ['avg', 'min', 'p(50)', 'p(90)', 'p(95)', 'p(99)', 'max'],
};

function parsed(response) {
  try {
    return response.json();
  } catch {
    return undefined;
  }
}

export default function () {
  const response = http.get(`${BASE_URL}/health/saas`, { tags: { name: 'health-saas' } });
  const body = parsed(response);
  const passed = check(response, {
    'status is 200': (r) => r.status === 200,
    'body says a known status': () => SERVING.includes(body?.status),
    'body tells about NATS': () => typeof body?.nats?.status === 'string',
    'body tells about OpenMeter': () => typeof body?.openmeter?.status === 'string',
  });
  errors.add(!passed);
  healthCheckDuration.add(response.timings.duration);
  sleep(0.1);
}

function milliseconds(metric) {
  const values = metric?.values ?? {};
  return {
    p50: values['p(50)'],
    p90: values['p(90)'],
    p95: values['p(95)'],
    p99: values['p(99)'],
    max: values.max,
  };
}

function thresholdsOf(metrics) {
  const judged = {};
  for (const [name, metric] of Object.entries(metrics)) {
    if (metric.thresholds) {
      judged[name] = Object.values(metric.thresholds).every((t) => t.ok);
    }
  }
  return judged;
}

export function handleSummary(data) {
  const metrics = data.metrics;
  const thresholds = thresholdsOf(metrics);
  const summary = {
    script: 'saas-health.js',
    target: BASE_URL,
    duration_seconds: data.state.testRunDurationMs / 1000,
    requests: metrics.http_reqs?.values?.count || 0,
    requests_per_second: metrics.http_reqs?.values?.rate || 0,
    error_rate: metrics.errors?.values?.rate,
    http_req_duration_ms: milliseconds(metrics.http_req_duration),
    health_check_duration_ms: milliseconds(metrics.health_check_duration),
    thresholds,
    passed: Object.values(thresholds).every((ok) => ok),
  };
  const lines = [
    '',
    `  requests       ${summary.requests} (${summary.requests_per_second.toFixed(1)}/s, target 100/s)`,
    `  error rate     ${((summary.error_rate ?? 1) * 100).toFixed(2)} %`,
    `  latency, ms    p95 ${summary.http_req_duration_ms.p95?.toFixed(1)}  p99 ${summary.http_req_duration_ms.p99?.toFixed(1)}`,
    ...Object.entries(thresholds).map(([name, ok]) => `  ${ok ? 'met   ' : 'MISSED'}         ${name}`),
    '',
  ];
  return {
    stdout: lines.join('\n') + '\n',
    [RESULTS]: JSON.stringify(summary, null, 2) + '\n',
  };
}
