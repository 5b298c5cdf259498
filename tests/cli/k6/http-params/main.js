import http from 'k6/http';
export const options = { userAgent: 'mine/1', thresholds: { 'http_reqs{kind:special}': ['count==1'], 'http_reqs{name:grouped}': ['count==2'],
  'http_reqs{method:GET,status:200}': ['count>5'], 'http_reqs{name:http://${}/tell?n=${}}': ['count==2'], 'http_reqs{expected_response:false}': ['count==1'] } };
export default () => {
  const at = __ENV.AT;
  http.get(`${at}/tell`, { tags: { kind: 'special' } });
  for (const n of [1, 2]) http.get(`${at}/tell?grouped=${n}`, { tags: { name: 'grouped' } });
  const host = at.slice(7);
  for (const n of [1, 2]) http.get(http.url`http://${host}/tell?n=${n}`);
  console.log(http.get(`${at}/tell`, { headers: { 'X-Custom': 'c', 'User-Agent': 'other', Host: 'host.example' } }).body);
  console.log(http.get(`${at}/tell`, { responseType: 'binary' }).body instanceof ArrayBuffer, http.get(`${at}/tell`, { responseType: 'none' }).body);
  console.log(http.get(`${at}/status/404`).error_code);
  const late = http.get(`${at}/late`, { timeout: '100ms' });
  console.log(late.status, late.error_code > 0, late.body, late.url === `${at}/late`);
  console.log(http.get(`${at}/late`, { timeout: 50 }).error_code);
  console.log(http.get(`${at}/tell`, { auth: 'basic' }).status, http.get(`${at.replace('://', '://u:p@')}/tell`).body);
  for (const bad of [() => http.get(), () => http.get('://x')]) {
    try {
      const r = bad();
      console.log(r.status, r.error_code);
    } catch (error) {
      console.log('threw');
    }
  }
};
