export const options = { vus: 3, scenarios: { a: { executor: 'per-vu-iterations', iterations: 5 } } };
export default () => 1;
