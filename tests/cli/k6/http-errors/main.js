import http from 'k6/http';
export const options = { thresholds: { 'http_reqs{error_code:1212}': ['count==2'], http_req_failed: ['rate==1'], 'http_reqs{status:0}': ['count==3'] } };
export default () => {
  const r = http.get('http://127.0.0.1:1/');
  console.log(r.status, r.error, r.error_code, r.body, r.url, r.proto, r.status_text, r.remote_ip, r.headers, r.cookies, r.timings.duration);
  try {
    http.get('http://127.0.0.1:1/', { throw: true });
  } catch (error) {
    console.log('threw');
  }
  const unknown = http.get('http://name.invalid/');
  console.log(unknown.status, unknown.error, unknown.error_code);
  try {
    r.json();
  } catch (error) {
    console.log('threw');
  }
};
