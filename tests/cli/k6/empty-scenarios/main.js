export const options = { scenarios: {} };
export default () => 1;
