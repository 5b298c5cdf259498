export const options = { summaryTimeUnit: 'hours' };
export default () => 1;
