export const options = { summaryTrendStats: 'avg' };
export default () => console.log('never');
