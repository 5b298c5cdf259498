import exec from 'k6/execution';
export const options = { scenarios: { a: { executor: 'per-vu-iterations', tags: { own: 'tag' } } } };
const attempt = (what, body) => {
  try {
    body();
    console.log(what, 'done');
  } catch (error) {
    console.log(what, error.name);
  }
};
export default () => {
  for (const name of ['test', 'vu', 'scenario', 'instance']) {
    attempt(`${name}.mine`, () => { exec[name].mine = 1; });
    attempt(name, () => { exec[name] = {}; });
    console.log(name, Object.isFrozen(exec[name]), Object.isExtensible(exec[name]), typeof exec[name]);
  }
  attempt('mine', () => { exec.mine = 1; });
  attempt('abort', () => { exec.test.abort = () => {}; });
  attempt('options', () => { exec.test.options = {}; });
  attempt('options.mine', () => { exec.test.options.mine = 1; });
  attempt('id', () => { exec.vu.idInTest = 7; });
  attempt('delete id', () => { delete exec.vu.idInTest; });
  attempt('name', () => { exec.scenario.name = 'b'; });
  attempt('tags', () => { exec.vu.tags = { mine: 'tag' }; });
  attempt('metrics', () => { exec.vu.metrics = {}; });
  attempt('metrics.tags', () => { exec.vu.metrics.tags = {}; });
  attempt('metrics.mine', () => { exec.vu.metrics.mine = 1; });
  console.log(exec.vu.idInTest, exec.scenario.name, Object.keys(exec.vu.tags).sort(), exec.vu.tags.own);
};
