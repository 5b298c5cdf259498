import x from './gone.js';
export default () => x;
