// flags: --local-ips 192.0.2.1
import http from 'k6/http';
export default () => {
  const r = http.get(`${__ENV.AT}/whence`);
  console.log(r.status, r.error_code, r.error);
  try { http.get(`${__ENV.AT}/whence`, { throw: true }); } catch (error) { console.log(String(error).replace('GoError: ', 'Error: ')); }
};
