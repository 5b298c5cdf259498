import http from 'k6/http';
export default () => {
  const at = __ENV.AT;
  for (const method of ['post', 'put', 'patch', 'del', 'options']) console.log(http[method](`${at}/tell`).body);
  for (const body of [null, undefined]) console.log(http.post(`${at}/tell`, body).body);
  console.log(http.request('PURGE', `${at}/tell`).body, http.request('GET', `${at}/tell`).body);
};
