// flags: --out json=samples.json --out csv=samples.csv --system-tags vu,check,subproto,group
// counts: vary
import http from 'k6/http';
import { check } from 'k6';
export default () => {
  const r = http.get(`${__ENV.AT}/tell`, { tags: { name: 'mine' } });
  check(r, { fine: true });
};
