export const options = { scenarios: { a: { executor: 'shared-iterations', exec: 'gone' } } };
export default () => 1;
