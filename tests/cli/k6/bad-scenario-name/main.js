export const options = { scenarios: { 'a b': { executor: 'shared-iterations' } } };
export default () => 1;
