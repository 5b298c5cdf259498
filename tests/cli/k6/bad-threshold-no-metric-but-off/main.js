export const options = { noThresholds: true, thresholds: { gone: ['count>1'] } };
export default () => 1;
