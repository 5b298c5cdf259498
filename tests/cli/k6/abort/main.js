import exec from 'k6/execution';
export const options = { duration: '10s' };
export default () => exec.test.abort('enough');
export const teardown = () => console.log('torn down');
// counts: vary
