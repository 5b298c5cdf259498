// A bare GET, as fast as it goes.
import http from 'k6/http';

export const options = { summaryTrendStats: ['avg', 'min', 'med', 'p(95)', 'p(99)', 'max'] };

export default () => http.get(`${__ENV.BASE_URL}/health/saas`);
