import http from 'k6/http';
const tell = (r) => (r === null ? 'null' : `${r.status} ${r.error} ${r.error_code}`);
const say = (ask) => {
  try {
    const all = ask();
    console.log(Array.isArray(all) ? all.map(tell) : Object.keys(all).map((key) => `${key}: ${tell(all[key])}`));
  } catch (error) {
    console.log('threw', String(error).replace(/ at .*/s, ''));
  }
};
export default () => {
  const at = __ENV.AT;
  say(() => http.batch());
  for (const given of [[], {}, 5, 'x', null, true]) say(() => http.batch(given));
  say(() => http.batch([], []));
  say(() => http.batch([5]));
  say(() => http.batch([`${at}/tell`, {}, `${at}/tell`]));
  say(() => http.batch([['GET']]));
  say(() => http.batch([[5, `${at}/tell`]]));
  say(() => http.batch({ a: { method: 5, url: `${at}/tell` } }));
  say(() => http.batch([['POST', `${at}/tell`, [1]]]));
  say(() => http.batch([{ url: 'http://127.0.0.1:1/', params: { throw: true } }]));
  say(() => http.batch(['http://127.0.0.1:1/', `${at}/tell`]));
  for (const entry of [{ method: 'get', url: `${at}/tell`, body: 'x' }, ['GET', `${at}/tell`, 'x'], { url: `${at}/tell`, body: 'x' }]) {
    const [r] = http.batch([entry]);
    console.log(r.status, r.request.method, r.request.body, r.body);
  }
};
