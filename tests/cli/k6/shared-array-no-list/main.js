import { SharedArray } from 'k6/data';
new SharedArray('x', () => 5);
export default () => 1;
