import { sleep } from 'k6';
import exec from 'k6/execution';
export const options = {
  scenarios: {
    shared: { executor: 'shared-iterations', vus: 2, iterations: 5, tags: { mine: 'yes' }, env: { WHERE: 'here' }, exec: 'named' },
    per_vu: { executor: 'per-vu-iterations', vus: 2, iterations: 3 },
    open: { executor: 'constant-arrival-rate', rate: 20, timeUnit: '1s', duration: '1s', preAllocatedVUs: 5, startTime: '200ms' },
    ramp: { executor: 'ramping-arrival-rate', startRate: 0, preAllocatedVUs: 5, stages: [{ duration: '1s', target: 20 }] },
    cut: { executor: 'shared-iterations', vus: 1, iterations: 100, maxDuration: '1s', gracefulStop: '0s', exec: 'slow' },
  },
  thresholds: {
    'iterations{scenario:shared}': ['count==5'], 'iterations{mine:yes}': ['count==5'], 'iterations{scenario:per_vu}': ['count==6'],
    'iterations{scenario:open}': ['count>=20'], 'iterations{scenario:ramp}': ['count>=9'], 'iterations{scenario:cut}': ['count<1'],
    'dropped_iterations{scenario:cut}': ['count==99'],
  },
};
export default () => 1;
export const slow = () => sleep(30);
export const named = () => console.log(exec.scenario.name, exec.scenario.executor, __ENV.WHERE, exec.vu.tags.mine, exec.vu.tags.scenario);
// counts: vary
