import http from 'k6/http';
export default () => {
  const at = __ENV.AT;
  const tell = (what, f) => { try { const v = f(); console.log(what, typeof v === 'object' ? JSON.stringify(v) : String(v)); } catch (e) { console.log(what, 'threw'); } };
  tell('method empty', () => http.request('', `${at}/tell`).body); tell('method null', () => http.request(null, `${at}/tell`).body);
  tell('newline', () => http.get(`${at}/te\nll`).error_code); tell('tab', () => http.get(`${at}/tell?a=\t`).error_code);
  const text = http.post(`${at}/echo`, 'no json'); tell('no json', () => text.json()); tell('no json path', () => text.json('a'));
  const binary = http.post(`${at}/echo`, '{"x":1}', { responseType: 'binary' }); tell('binary json', () => binary.json('x')); tell('binary json path', () => binary.json('y')); tell('no binary json', () => http.post(`${at}/echo`, '{', { responseType: 'binary' }).json('x'));
  const jar = http.cookieJar();
  tell('null', () => jar.set(at, 'nu', null)); tell('undefined', () => jar.set(at, 'un')); tell('bad expires', () => jar.set(at, 'x', 'y', { expires: 'nonsense' })); tell('expired', () => jar.set(at, 'x', 'y', { expires: 'Thu, 01 Jan 1970 00:00:00 GMT' }));
  tell('given', () => http.get(`${at}/give`).status); tell('before', () => jar.cookiesForURL(at).id); tell('forgotten', () => http.get(`${at}/forget`).cookies.id); tell('after', () => jar.cookiesForURL(at).id);
  tell('kept', () => Object.entries(jar.cookiesForURL(at)).sort());
};
