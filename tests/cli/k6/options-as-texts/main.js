// flags: -e VUS=2 -e ITERATIONS=4 -e EMPTY=
// What comes from the environment is a text, and stands for a number; '' stands for none.
import exec from 'k6/execution';
export const options = {
  scenarios: {
    main: { executor: 'shared-iterations', vus: __ENV.VUS, iterations: __ENV.ITERATIONS, env: { NONE: null }, tags: { none: null } },
    arrivals: { executor: 'constant-arrival-rate', rate: '2', duration: '1s', preAllocatedVUs: '3', maxVUs: __ENV.EMPTY },
  },
  maxRedirects: '3', rps: '-1', batch: '5',
};
export default () => {
  if (exec.scenario.name !== 'main') return;
  console.log(JSON.stringify(exec.test.options.scenarios));
  console.log(exec.test.options.maxRedirects, exec.test.options.rps, exec.test.options.batch, typeof __ENV.NONE, exec.vu.tags.none === '');
};
