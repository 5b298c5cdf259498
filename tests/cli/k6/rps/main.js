// flags: --rps 20 -u 4 -i 10
import http from 'k6/http';
export const options = { thresholds: { iterations: ['rate<25'] } };
export default () => http.get(`${__ENV.AT}/tell`);
