// What a health script does, without its pause: a tagged GET, JSON, checks, metrics of its own.
import http from 'k6/http';
import { check } from 'k6';
import { Rate, Trend } from 'k6/metrics';

const errors = new Rate('errors');
const health = new Trend('health_check_duration', true);

export const options = {
  thresholds: { http_req_duration: ['p(95)<500'], errors: ['rate<0.01'] },
  summaryTrendStats: ['avg', 'min', 'med', 'p(95)', 'p(99)', 'max'],
};

export default function () {
  const response = http.get(`${__ENV.BASE_URL}/health/saas`, { tags: { name: 'health-saas' } });
  const body = response.json();
  const passed = check(response, {
    'status is 200': (r) => r.status === 200,
    'body says a known status': () => body.status === 'ok',
    'body tells about NATS': () => typeof body.nats?.status === 'string',
    'body tells about OpenMeter': () => typeof body.openmeter?.status === 'string',
  });
  errors.add(!passed);
  health.add(response.timings.duration);
}
