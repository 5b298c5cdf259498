export const options = { thresholds: { iteration_duration: ['p(101)<1'] } };
export default () => 1;
