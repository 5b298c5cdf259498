// Soak: a steady, mixed load for hours, to see what only time shows: memory that grows, queues that fill, latency that
// drifts.
//
//   k6 run -e API_KEY=… impl/claude/tests/load/saas-soak.js
//   k6 run -e API_KEY=… -e SOAK_DURATION=24h -e SOAK_VUS=50 impl/claude/tests/load/saas-soak.js
//
// BASE_URL is the API itself by default, because the queue depth is read from /metrics, which the gateway does not route.

import http from 'k6/http';
import { check, group, sleep } from 'k6';
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';

const BASE_URL = __ENV.BASE_URL || 'http://localhost:8000';
const RESULTS = __ENV.RESULTS || 'soak-test-results.json';
const API_KEY = __ENV.API_KEY || '';
const AGENTESE_PATH = __ENV.AGENTESE_PATH || 'concept.forest';

const soakErrors = new Rate('soak_errors');
const readDuration = new Trend('soak_read_duration', true);
const writeDuration = new Trend('soak_write_duration', true);
const eventsRequested = new Counter('soak_events_requested');
const sessionsCreated = new Counter('soak_sessions_created');
const fallbackQueue = new Gauge('soak_fallback_queue_depth');

export const options = {
  scenarios: {
    soak: {
      executor: 'constant-vus',
      vus: Number(__ENV.SOAK_VUS || 20),
      duration: __ENV.SOAK_DURATION || '4h',
      gracefulStop: '30s',
    },
  },
  thresholds: {
    http_req_failed: ['rate<0.01'],
    soak_errors: ['rate<0.01'],
    soak_read_duration: ['p(95)<500'],
    soak_write_duration: ['p(95)<800'],
    // The API drops the oldest of 1,000.
    soak_fallback_queue_depth: ['value<1000'],
  },
  summaryTrendStats: ['avg', 'min', 'p(50)', 'p(90)', 'p(95)', 'p(99)', 'max'],
};

const JSON_HEADERS = { 'Content-Type': 'application/json', Authorization: `Bearer ${API_KEY}` };

function record(response, trend, checks) {
  trend.add(response.timings.duration);
  soakErrors.add(!check(response, checks));
}

function post(path, body, name) {
  return http.post(`${BASE_URL}${path}`, JSON.stringify(body), { headers: JSON_HEADERS, tags: { name } });
}

// One sample of a gauge in Prometheus text, or undefined when the page lacks it.
function sampleOf(page, metric) {
  const line = page?.split('\n')?.find((l) => l.startsWith(metric));
  return line === undefined ? undefined : Number(line.split(' ').pop());
}

export function setup() {
  const response = http.get(`${BASE_URL}/health`);
  if (response.status !== 200) {
    throw new Error(`${BASE_URL}/health answers ${response.status}: nothing to soak`);
  }
  return { startedAt: Date.now() };
}

export default function (data) {
  group('health', () => {
    const response = http.get(`${BASE_URL}/health/saas`, { tags: { name: 'health-saas' } });
    record(response, readDuration, { 'health answers 200': (r) => r.status === 200 });
  });

  group('agentese', () => {
    const observer = { id: `soak-${__VU}` };
    const resolved = post('/v1/agentese/resolve', { path: AGENTESE_PATH, observer }, 'agentese-resolve');
    record(resolved, readDuration, { 'resolve answers 200': (r) => r.status === 200 });
    const invoked = post('/v1/agentese/invoke', { path: AGENTESE_PATH, observer }, 'agentese-invoke');
    record(invoked, writeDuration, { 'invoke answers 200': (r) => r.status === 200 });
    eventsRequested.add(1);
  });

  group('sessions', () => {
    const listed = http.get(`${BASE_URL}/v1/kgent/sessions`, { headers: JSON_HEADERS, tags: { name: 'sessions-list' } });
    record(listed, readDuration, { 'list answers 200': (r) => r.status === 200 });
    // One in ten: sessions stay, and hours of them would be a test of the list.
    if (__ITER % 10 === 0) {
      const created = post('/v1/kgent/sessions', { title: `soak ${__VU}/${__ITER}` }, 'sessions-create');
      record(created, writeDuration, { 'create answers 200 or 201': (r) => r.status === 200 || r.status === 201 });
      sessionsCreated.add(1);
    }
  });

  // One client looks at the inside, from its first iteration on, every hundredth time.
  if (__VU === 1 && __ITER % 100 === 0) {
    const page = http.get(`${BASE_URL}/metrics`, { tags: { name: 'metrics' } });
    const depth = sampleOf(page.body, 'kgents_nats_fallback_queue_depth');
    if (depth !== undefined) {
      fallbackQueue.add(depth);
    }
    const minutes = Math.round((Date.now() - data.startedAt) / 60000);
    console.log(`after ${minutes} min: ${depth ?? 'unknown'} events wait in memory`);
  }

  sleep(0.5 + Math.random());
}

export function teardown(data) {
  const hours = (Date.now() - data.startedAt) / 3600000;
  const response = http.get(`${BASE_URL}/health/saas`);
  console.log(`soaked for ${hours.toFixed(2)} h; at the end /health/saas answers ${response.status}`);
}

export function handleSummary(data) {
  const value = (metric, key) => data.metrics[metric]?.values?.[key];
  const judged = Object.values(data.metrics).filter((m) => m.thresholds);
  const summary = {
    script: 'saas-soak.js',
    target: BASE_URL,
    duration_seconds: data.state.testRunDurationMs / 1000,
    requests: value('http_reqs', 'count') || 0,
    requests_per_second: value('http_reqs', 'rate') || 0,
    error_rate: value('soak_errors', 'rate'),
    read_p95_ms: value('soak_read_duration', 'p(95)'),
    write_p95_ms: value('soak_write_duration', 'p(95)'),
    events_requested: value('soak_events_requested', 'count') || 0,
    sessions_created: value('soak_sessions_created', 'count') || 0,
    fallback_queue_depth_max: value('soak_fallback_queue_depth', 'max') || 0,
    passed: judged.every((m) => Object.values(m.thresholds).every((t) => t.ok)),
  };
  return {
    stdout: `\n${JSON.stringify(summary, null, 2)}\n`,
    [RESULTS]: JSON.stringify(summary, null, 2) + '\n',
  };
}
