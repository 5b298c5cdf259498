import http from 'k6/http';
export const options = { thresholds: { 'http_reqs{status:302}': ['count>0'], 'http_reqs{name:${}/${}}': ['count==2'] } };
export default () => {
  const at = __ENV.AT;
  const moved = http.get(`${at}/moved`);
  console.log(moved.status, moved.url === `${at}/tell`, moved.request.url === `${at}/moved`, moved.body);
  console.log(http.post(`${at}/moved`, 'x').body, http.post(`${at}/kept`, 'x').body, http.put(`${at}/moved`, 'x').body);
  console.log(http.get(`${at}/moved`, { redirects: 0 }).status, http.get(`${at}/loop`, { redirects: 3 }).status, http.get(`${at}/loop`).status);
  console.log(http.get(`${at}/away`, { headers: { Authorization: 'me', Cookie: 'a=1', 'X-Other': 'o' } }).body);
  console.log(http.head(`${at}/moved`).status);
  for (const to of ['?at=/tell', '../../tell', '../tell', '/deep/../tell', './../../deep/./tell', '', `${at.replace('http:', '')}/tell`, `${at}/tell`, '/to?at=/tell']) {
    const r = http.get(`${at}/deep/er/to?at=${encodeURIComponent(to)}`, { headers: { Host: 'here', 'X-Other': 'o' } });
    console.log(r.status, r.url, r.body);
  }
  console.log(http.get(`${at.replace('://', '://me:secret@')}/to?at=/tell`).body);
  console.log(http.get(`${at}/to?at=/tell`, { headers: { referer: 'mine' } }).body);
  console.log(http.get(http.url`${at}/${'moved'}`).status);
};
