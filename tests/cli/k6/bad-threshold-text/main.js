export const options = { thresholds: { iterations: ['count more than 1'] } };
export default () => 1;
