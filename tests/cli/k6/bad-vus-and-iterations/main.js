export const options = { vus: 5, iterations: 3 };
export default () => 1;
