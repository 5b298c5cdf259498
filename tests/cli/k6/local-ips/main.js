// flags: --local-ips 127.0.0.2-127.0.0.3,127.1.0.0/30
import http from 'k6/http';
import exec from 'k6/execution';
export const options = { scenarios: { all: { executor: 'per-vu-iterations', vus: 5, iterations: 2 } } };
const whence = () => http.get(`${__ENV.AT}/whence`).body;
export function setup() { console.log('setup', whence(), exec.test.options.localIPs); }
export default () => { console.log(__VU, __ITER, whence()); };
