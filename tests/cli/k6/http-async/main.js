import http from 'k6/http';
export default async () => {
  const at = __ENV.AT;
  const both = await Promise.all([http.asyncRequest('GET', `${at}/tell`), http.asyncRequest('POST', `${at}/tell`, 'x')]);
  console.log(both.map((r) => r.body));
  console.log((await http.asyncRequest('GET', 'http://127.0.0.1:1')).error_code);
};
