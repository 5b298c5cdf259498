export const options = { scenarios: { a: { executor: 'externally-controlled', duration: '1s' } } };
export default () => 1;
