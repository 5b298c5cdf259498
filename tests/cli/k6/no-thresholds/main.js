// flags: --no-thresholds
export const options = { thresholds: { iterations: ['count>100'], 'iterations{scenario:default}': ['count>5'] } };
export default () => 1;
