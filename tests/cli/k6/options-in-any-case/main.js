import exec from 'k6/execution';
export const options = {
  Scenarios: { main: { executor: 'constant-arrival-rate', rate: 2, duration: '1s', preAllocatedVus: 3, maxvus: 4 } },
  THRESHOLDS: { iterations: ['count==3'] },
};
export default () => console.log(JSON.stringify(exec.test.options.scenarios), JSON.stringify(exec.test.options.thresholds));
