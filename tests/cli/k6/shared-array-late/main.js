import { SharedArray } from 'k6/data';
export default () => { new SharedArray('x', () => []); };
