// flags: --execution-segment 1/4:1/2 --execution-segment-sequence 0,1/4,1/2,1
// counts: vary
import { sleep } from 'k6';
import exec from 'k6/execution';
export const options = {
  scenarios: { ramp: { executor: 'ramping-vus', startVUs: 3, stages: [{ duration: '1s', target: 9 }, { duration: '1s', target: 0 }], gracefulStop: '3s' } },
  thresholds: { vus_max: ['value==2'] },
};
let said = false;
export default () => {
  if (!said) console.log(exec.vu.idInTest, exec.vu.idInInstance);
  said = true;
  sleep(0.05);
};
