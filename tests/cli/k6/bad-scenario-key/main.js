export const options = { scenarios: { a: { executor: 'shared-iterations', iteration: 3 } } };
export default () => 1;
