throw new Error('top');
export default () => 1;
