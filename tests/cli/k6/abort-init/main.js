import exec from 'k6/execution';
exec.test.abort('at init');
export default () => 1;
