import x from 'k6/htp';
export default () => x;
