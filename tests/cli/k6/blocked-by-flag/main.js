// flags: --blacklist-ip 127.0.0.0/8 --block-hostnames *.example
import http from 'k6/http';
export default () => console.log(http.get(`${__ENV.AT}/tell`).error_code, http.get('http://a.example/').error_code);
