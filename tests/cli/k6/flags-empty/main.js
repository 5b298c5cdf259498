// flags: --system-tags= --tag= --block-hostnames= --blacklist-ip= --user-agent=
import http from 'k6/http';
import exec from 'k6/execution';
export default () => {
  console.log(http.get(`${__ENV.AT}/tell`).body, JSON.stringify(exec.test.options.tags), JSON.stringify(exec.vu.tags));
};
