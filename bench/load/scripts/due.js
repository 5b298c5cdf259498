// Iterations that are due by the clock, each a GET.
import http from 'k6/http';

export const options = {
  scenarios: {
    arrivals: {
      executor: 'constant-arrival-rate',
      rate: Number(__ENV.RATE),
      duration: `${__ENV.SECONDS}s`,
      preAllocatedVUs: 200,
    },
  },
};

export default () => http.get(`${__ENV.BASE_URL}/health/saas`);
