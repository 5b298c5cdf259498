export const options = { executionSegment: 'half' };
export default () => 1;
