import exec from 'k6/execution';
import { vu, scenario, instance, test } from 'k6/execution';
export const options = { scenarios: { main: { executor: 'per-vu-iterations', vus: 1, iterations: 2, tags: { a: 'b' } } }, tags: { run: 'r' } };
export default () => {
  console.log(vu.idInInstance, vu.idInTest, vu.iterationInInstance, vu.iterationInScenario);
  console.log(scenario.name, scenario.executor, scenario.iterationInTest, scenario.iterationInInstance, typeof scenario.startTime, scenario.progress <= 1);
  console.log(instance.vusActive, instance.vusInitialized, instance.iterationsCompleted, instance.iterationsInterrupted);
  console.log(Object.keys(exec), JSON.stringify(Object.entries(vu.metrics.tags).sort()), vu.tags.scenario, vu.tags.group, vu.metrics.metadata);
  vu.metrics.tags.mine = 5;
  vu.metrics.metadata.trace = 'x';
  console.log(vu.metrics.tags.mine, typeof vu.metrics.tags.mine, Object.keys(vu.metrics.tags).sort());
  console.log(JSON.stringify(test.options.scenarios), test.options.vus, test.options.tags, Object.isFrozen(test.options));
  try {
    vu.metrics.tags.bad = {};
  } catch (error) {
    console.log(error.message);
  }
};
