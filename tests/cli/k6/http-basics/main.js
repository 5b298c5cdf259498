// flags: -i 2
import http from 'k6/http';
import { check } from 'k6';
export default () => {
  const at = __ENV.AT;
  const r = http.get(`${at}/tell?x=1`);
  console.log(Object.keys(r).slice(0, 16));
  console.log(r.status, r.status_text, r.proto, r.remote_ip, r.body, r.error, r.error_code, r.tls_version, r.tls_cipher_suite);
  console.log(Object.keys(r.timings), r.timings.looking_up, r.timings.tls_handshaking, r.timings.duration > 0, Object.keys(r.request));
  console.log(r.request.method, r.request.url === `${at}/tell?x=1`, r.request.body, r.request.cookies, r.headers['Content-Type'], r.cookies);
  console.log(typeof r.html, typeof r.json, typeof r.submitForm, typeof r.clickLink);
  check(r, { ok: (x) => x.status === 200 });
  for (const status of [204, 304, 400, 404, 500]) {
    const s = http.get(`${at}/status/${status}`);
    console.log(s.status, s.status_text, s.body, s.error, s.error_code);
  }
  console.log(http.head(`${at}/tell`).body, http.del(`${at}/tell`, 'b').body, http.options(`${at}/tell`, 'o').body, http.patch(`${at}/tell`, 'p').body);
  console.log(http.request('PURGE', `${at}/tell`, 'q').status);
};
