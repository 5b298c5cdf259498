// What an aborted run has not begun is not dropped.
import exec from 'k6/execution';
export const options = { scenarios: {
  shared: { executor: 'shared-iterations', iterations: 5, exec: 'waits' }, each: { executor: 'per-vu-iterations', iterations: 5, exec: 'waits' },
  aborts: { executor: 'per-vu-iterations', startTime: '500ms', exec: 'aborts' } } };
import { sleep } from 'k6';
export const waits = () => sleep(60);
export const aborts = () => exec.test.abort('enough');
