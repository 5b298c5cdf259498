// flags: --discard-response-bodies
import http from 'k6/http';
export default () => console.log(http.get(`${__ENV.AT}/tell`).body, http.get(`${__ENV.AT}/tell`, { responseType: 'text' }).body);
