export const options = { executionSegment: '25%:1/2', executionSegmentSequence: '0,1/4,1/2,1', vus: 6, iterations: 10 };
export default () => 1;
