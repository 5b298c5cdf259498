import http from 'k6/http';
const say = (ask) => {
  try {
    const r = ask();
    console.log(r && r.status, r && r.error, r && r.error_code, r && r.url, r && r.request === null);
  } catch (error) {
    console.log('threw', String(error).replace(/at .*/s, ''));
  }
};
export default () => {
  const at = __ENV.AT;
  for (const body of [[1, 2], 5, 5.5, true, () => 1]) say(() => http.post(`${at}/tell`, body));
  for (const url of ['foo', '://x', 'ftp://x/', 'http://a b/', 'http://x:port/', 5, null, undefined, { a: 1 }, [1, 'b'], `${at}/%zz`]) say(() => http.get(url));
  say(() => http.request('b d', `${at}/tell`));
  for (const timeout of ['nope', true]) say(() => http.get(`${at}/tell`, { timeout }));
  say(() => http.get(`${at}/tell`, { responseType: 'nope' }));
  for (const tags of [{ a: {} }, 5, null]) say(() => http.get(`${at}/tell`, { tags }));
  say(() => http.get(`${at}/tell`, { responseCallback: 5 }));
  for (const headers of [{ 'a b': 'c' }, { a: 'c\nd' }, 5]) say(() => http.get(`${at}/tell`, { headers }));
  for (const params of [5, 'x', null, { redirects: '1' }, { auth: 'nope' }]) say(() => http.get(`${at}/tell`, params));
  for (const url of ['http://127.0.0.1:1/a?b', 'http://127.0.0.1:1']) say(() => http.post(url, 'x', { throw: true }));
  for (const statuses of [[], ['x'], [{ min: 1 }], [{ min: 1, max: 'x' }], [200, null]]) say(() => http.expectedStatuses(...statuses) && undefined);
  for (const callback of [5, () => true, null, undefined]) say(() => http.setResponseCallback(callback));
  say(() => http.get(`${at}/tell`, null, 5));
};
