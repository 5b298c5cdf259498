// flags: --system-tags status,name
import http from 'k6/http';
export const options = { thresholds: { 'http_reqs{status:200}': ['count==1'], 'http_reqs{method:GET}': ['count<1'], 'http_reqs{scenario:default}': ['count<1'] } };
export default () => { http.get(`${__ENV.AT}/tell`); };
