// flags: --system-tags= --out json=samples.json
import { check, group } from 'k6';
import http from 'k6/http';
export default () => group('a group', () => check(http.get(`${__ENV.AT}/tell`), { 'is fine': (r) => r.status === 200 }));
