import { sleep } from 'k6';
export const options = { vus: 1, duration: '1m', thresholds: { iterations: [{ threshold: 'count<1', abortOnFail: true }] } };
export default () => sleep(0.5);
export const teardown = () => console.log('torn down');
// counts: vary
