// flags: -i 2
import http from 'k6/http';
export default () => {
  const at = __ENV.AT;
  const first = http.get(`${at}/give`, { redirects: 0 });
  console.log(Object.keys(first.cookies).sort(), { ...first.cookies.id[0], expires: 0 });
  console.log(http.get(`${at}/tell`).body, http.get(`${at}/deep/tell`).body);
  const jar = http.cookieJar();
  console.log(jar.cookiesForURL(at), jar.set(at, 'mine', 'x', { path: '/' }), Object.entries(jar.cookiesForURL(`${at}/deep`)).sort());
  jar.delete(at, 'mine');
  console.log(jar.cookiesForURL(at));
  jar.clear(at);
  console.log(jar.cookiesForURL(at));
  for (const value of ['a b', 'a,b', 'a"b', 'a;b', 'a\\b', '\u00fc', '{"a":1}', '', 'x=y']) {
    const odd = new http.CookieJar();
    odd.set(at, 'o', value);
    console.log(http.get(`${at}/tell`, { jar: odd }).body, http.get(`${at}/tell`, { cookies: { o: value } }).body);
  }
  const own = new http.CookieJar();
  own.set(at, 'o', 'v');
  console.log(http.get(`${at}/tell`, { jar: own }).body, http.get(`${at}/tell`).body);
  const r = http.get(`${at}/tell`, { jar: own });
  console.log(r.request.cookies);
};
