// Against delayed_server: one GET after the other.
import http from 'k6/http';

export const options = { summaryTrendStats: ['count', 'med', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)'] };

export default () => http.get(__ENV.BASE_URL);
