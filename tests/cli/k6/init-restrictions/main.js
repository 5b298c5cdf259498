import http from 'k6/http';
import { check, group, sleep, fail, randomSeed } from 'k6';
import { Counter } from 'k6/metrics';
import exec from 'k6/execution';
const c = new Counter('counter');
const told = [];
for (const call of [() => http.get('http://127.0.0.1:1'), () => check(1, {}), () => group('g', () => 1), () => c.add(1), () => exec.vu.idInTest,
  () => exec.scenario.name, () => exec.instance.vusActive, () => http.cookieJar(), () => sleep(0.001), () => randomSeed(1),
  () => http.setResponseCallback(null), () => http.expectedStatuses(200), () => http.file('x'), () => new http.CookieJar()]) {
  try {
    call();
    told.push('fine');
  } catch (error) {
    told.push('threw');
  }
}
export default () => console.log(told);
