// Against delayed_server: 100 users a second, whoever is free serves them.
import http from 'k6/http';

export const options = {
  summaryTrendStats: ['count', 'med', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)'],
  scenarios: {
    users: {
      executor: 'constant-arrival-rate',
      rate: 100,
      duration: `${__ENV.SECONDS}s`,
      preAllocatedVUs: Number(__ENV.VUS),
    },
  },
  thresholds: { http_req_duration: ['p(95)<500'] },
};

export default () => http.get(__ENV.BASE_URL);
