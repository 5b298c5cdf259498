import exec from 'k6/execution';
export const options = { vus: 2, iterations: 2, thresholds: { iterations: ['count>1', { threshold: 'rate>0', abortOnFail: true }] }, userAgent: 'mine', setupTimeout: '5s' };
export const setup = () => console.log(JSON.stringify({ ...exec.test.options, consoleOutput: null }));
export default () => 1;
