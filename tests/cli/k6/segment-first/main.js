// flags: --execution-segment 0:1/2 --execution-segment-sequence 0,1/2,3/4,1
import exec from 'k6/execution';
export const options = {
  scenarios: {
    shared: { executor: 'shared-iterations', vus: 4, iterations: 11, startTime: '100ms' },
    per_vu: { executor: 'per-vu-iterations', vus: 5, iterations: 2 },
    open: { executor: 'constant-arrival-rate', rate: 10, duration: '1050ms', preAllocatedVUs: 7, startTime: '200ms', gracefulStop: '1s' },
    ramp: { executor: 'ramping-arrival-rate', startRate: 4, stages: [{ duration: '1s', target: 13 }], preAllocatedVUs: 5, startTime: '300ms', gracefulStop: '1s' },
    one: { executor: 'per-vu-iterations', vus: 1, iterations: 2, startTime: '400ms' },
  },
};
export default () => {
  const { scenario, vu } = exec;
  // Which VU takes which iteration is chance where they share them.
  const who = scenario.name === 'per_vu' ? vu.idInTest : '-';
  const number = scenario.name === 'per_vu' ? '-' : scenario.iterationInTest;
  const own = scenario.name === 'per_vu' ? '-' : scenario.iterationInInstance;
  console.log(scenario.name, who, number, own, exec.test.options.executionSegment, exec.test.options.executionSegmentSequence);
};
