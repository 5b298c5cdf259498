export const options = { thresholds: { gone: ['count>1'] } };
export default () => 1;
