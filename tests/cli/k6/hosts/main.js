import http from 'k6/http';
const port = __ENV.AT.split(':')[2];
export const options = { hosts: { 'one.example': '127.0.0.1', [`two.example:80`]: `127.0.0.1:${port}`, '*.three.example': `127.0.0.1:${port}` } };
export default () => console.log(http.get(`http://one.example:${port}/tell`).body, http.get('http://two.example/tell').body, http.get('http://any.three.example/tell').status);
