import { SharedArray } from 'k6/data';
new SharedArray('x', async () => []);
export default () => 1;
