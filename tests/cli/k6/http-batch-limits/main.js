// flags: --batch 2 --batch-per-host 1
import http from 'k6/http';
export const options = { thresholds: { 'http_reqs{name:grouped}': ['count==2'], 'http_req_failed{kind:none}': ['rate==1'] } };
export default () => {
  const at = __ENV.AT;
  const urls = Array.from({ length: 5 }, (_, i) => `${at}/tell?${i}`);
  console.log(http.batch(urls).map((r, i) => r.status === 200 && r.url === urls[i]));
  console.log(http.batch([`${at}/moved`, ['POST', `${at}/kept`, 'x'], `${at}/give`, `${at}/away`]).map((r) => r.body));
  console.log(http.batch(urls.slice(0, 2).map((url) => ({ url, params: { tags: { name: 'grouped' } } }))).length);
  console.log(http.batch([{ url: 'http://127.0.0.1:1/', params: { tags: { kind: 'none' } } }])[0].error_code);
  console.log(http.batch({ late: `${at}/late`, soon: `${at}/tell` }).late.body);
};
