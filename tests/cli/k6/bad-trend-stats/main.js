export const options = { summaryTrendStats: ['avg', 'p95'] };
export default () => 1;
