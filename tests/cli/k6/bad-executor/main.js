export const options = { scenarios: { a: { executor: 'constant-users' } } };
export default () => 1;
