// flags: --vus 2 --iterations 4
export const options = { scenarios: { baseline: { executor: 'per-vu-iterations', vus: 1, iterations: 9 } },
  thresholds: { 'iterations{scenario:baseline}': ['count>100'], 'iterations{scenario:default}': ['count==4'] } };
export default () => 1;
