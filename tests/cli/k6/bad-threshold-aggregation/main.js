export const options = { thresholds: { iterations: ['p(95)<1'] } };
export default () => 1;
