import http from 'k6/http';
const show = (r) => {
  const { method, url, headers, body, cookies } = r.request;
  console.log(method, url, Object.keys(headers).sort().map((name) => `${name}=${JSON.stringify(headers[name])}`), body, Object.keys(cookies).sort().map((name) => JSON.stringify(cookies[name])), r.body);
};
export default () => {
  const at = __ENV.AT;
  show(http.get(`${at}/tell`));
  show(http.get(`${at}/tell`, { headers: { 'x-a': 1, 'X-A': 2, Host: 'h.example', 'Content-Length': '7', 'user-agent': 'mine' } }));
  show(http.post(`${at}/tell`, { a: 1, b: "it's (x)*!~" }));
  show(http.get(`${at}/tell`, { headers: { cookie: 'own=1' }, cookies: { a: 'x' } }));
  http.cookieJar().set(at, 'a', 'jar');
  http.cookieJar().set(at, 'b', 'jar');
  show(http.get(`${at}/tell`, { cookies: { a: 'x' } }));
  show(http.get(`${at}/tell`, { cookies: { a: { value: 'x', replace: true } } }));
  show(http.get(`${at}/tell`, { cookies: { a: null } }));
  show(http.post(`${at}/moved`, 'x'));
  show(http.request('PURGE', `${at}/tell`, 'x'));
  show(http.request('post', `${at}/tell`, 'x'));
  const given = http.get(`${at}/give`, { redirects: 0 });
  console.log(Object.keys(given.cookies).sort().map((name) => JSON.stringify(given.cookies[name])));
};
