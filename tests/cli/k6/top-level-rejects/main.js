Promise.reject(new Error('left'));
export default () => 1;
