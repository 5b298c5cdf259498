import exec from 'k6/execution';
export const setup = () => exec.test.abort();
export default () => 1;
export const teardown = () => console.log('torn down');
