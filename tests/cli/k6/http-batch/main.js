import http from 'k6/http';
export default () => {
  const at = __ENV.AT;
  const list = http.batch([`${at}/tell?n=1`, ['POST', `${at}/tell`, 'body', { headers: { 'X-A': 'b' } }], { method: 'PUT', url: `${at}/tell`, body: 'put' }, { url: `${at}/status/404` }, http.url`${at}/tell`]);
  console.log(Array.isArray(list), list.map((r) => `${r.status} ${r.body}`));
  const map = http.batch({ a: `${at}/tell`, b: { method: 'GET', url: `${at}/tell` } });
  console.log(Object.keys(map), map.b.body, http.batch([]), http.batch({}));
};
