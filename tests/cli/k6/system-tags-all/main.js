// flags: --out json=samples.json --out csv=samples.csv
// counts: vary
import http from 'k6/http';
import ws from 'k6/ws';
import exec from 'k6/execution';
import { check, group } from 'k6';
import { Counter } from 'k6/metrics';
const mine = new Counter('mine');
export const options = {
  insecureSkipTLSVerify: true,
  systemTags: ['proto', 'subproto', 'status', 'method', 'url', 'name', 'group', 'check', 'error', 'error_code', 'tls_version', 'scenario', 'service',
    'expected_response', 'iter', 'vu', 'ocsp_status', 'ip'],
  scenarios: { shop: { executor: 'per-vu-iterations', vus: 2, iterations: 2, tags: { where: 'here' } } },
  thresholds: { 'http_reqs{ip:127.0.0.1}': ['count>0'], 'http_reqs{ocsp_status:unknown}': ['count==4'], 'http_reqs{vu:1}': ['count==0'], 'http_reqs{iter:0}': [] },
};
export default () => {
  http.get(`${__ENV.AT}/tell`, { tags: { name: 'plain', own: 'x' } });
  http.get(`${__ENV.TLS_AT}/tell`, { tags: { name: 'tls' } });
  http.get('http://127.0.0.1:1/', { tags: { name: 'refused' } });
  http.get(`${__ENV.AT}/status/404`, { tags: { name: 'missing' } });
  group('part', () => check(1, { one: true }, { check: 'no', kind: 'k' }));
  if (__VU === 1 && __ITER === 1) {
    exec.vu.metrics.metadata.trace = 'abc';
    exec.vu.metrics.metadata.n = 7;
    console.log(Object.keys(exec.vu.metrics.metadata).sort(), exec.vu.metrics.metadata.trace, exec.vu.metrics.metadata.none, 'n' in exec.vu.metrics.metadata);
    try { exec.vu.metrics.metadata.bad = {}; } catch (error) { console.log(error.message); }
  }
  mine.add(1, { kind: 'own' });
  if (__VU === 1 && __ITER === 1) delete exec.vu.metrics.metadata.n;
  ws.connect(__ENV.AT.replace('http', 'ws') + '/ws/echo', { tags: { name: 'socket' } }, (socket) => {
    socket.on('open', () => socket.send('x'));
    socket.on('message', () => socket.close(1000));
  });
};
