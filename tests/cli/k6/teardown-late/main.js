import { sleep } from 'k6';
export const options = { teardownTimeout: '300ms' };
export const teardown = () => sleep(5);
export default () => 1;
