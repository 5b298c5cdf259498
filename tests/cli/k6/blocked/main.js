import http from 'k6/http';
export const options = { blacklistIPs: ['10.0.0.0/8'], blockHostnames: ['bad.example', '*.worse.example'], hosts: { 'ten.example': '10.1.2.3' } };
export default () => {
  for (const host of ['10.1.1.1', 'ten.example', 'bad.example', 'a.worse.example']) {
    const r = http.get(`http://${host}/`);
    console.log(host, r.status, r.error_code, r.error);
  }
};
