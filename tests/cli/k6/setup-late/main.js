import { sleep } from 'k6';
export const options = { setupTimeout: '300ms' };
export const setup = () => sleep(5);
export default () => 1;
