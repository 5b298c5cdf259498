// Against delayed_server: users who ask and wait, beside one who computes for 20 of 50 ms, as whoever reads long answers does.
import http from 'k6/http';
import { sleep } from 'k6';

const scenario = (exec, vus) => ({ executor: 'constant-vus', exec, vus, duration: `${__ENV.SECONDS}s` });

export const options = {
  scenarios: { computes: scenario('computes', 1), asks: scenario('asks', Number(__ENV.VUS)) },
  summaryTrendStats: ['count', 'med', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)'],
};

export function computes() {
  const until = Date.now() + 20;
  while (Date.now() < until) continue;
  sleep(0.03);
}

export function asks() {
  http.get(__ENV.BASE_URL);
  sleep(0.01);
}
