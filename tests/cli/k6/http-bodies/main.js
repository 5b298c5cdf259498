import http from 'k6/http';
export default () => {
  const at = __ENV.AT;
  const bodies = ['text', { b: 'x y', a: [1, true], c: '\u00fc&=' }, new Uint8Array([104, 105]).buffer, new Uint8Array([104, 105]), JSON.stringify({ a: 1 })];
  for (const body of bodies) {
    const r = http.post(`${at}/tell`, body);
    console.log(r.body);
  }
  console.log(http.post(`${at}/tell`, { a: 1 }, { headers: { 'content-type': 'text/mine', 'X-TWO': '2', 'x-two': '3' } }).body);
  const multipart = http.post(`${at}/parts`, { f: http.file('data', 'a"b.txt', 'text/plain') });
  console.log(multipart.body);
  console.log(JSON.stringify(http.file('data', 'n', 't')), Object.keys(http.file('x')));
  const sent = http.post(`${at}/echo`, 'compressed', { compression: 'gzip' });
  console.log(sent.body);
  console.log(http.get(`${at}/gzip`).body, http.get(`${at}/gzip`).headers['Content-Encoding']);
};
