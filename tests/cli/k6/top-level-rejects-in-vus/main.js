if (__VU > 0) Promise.reject(new Error('left'));
export default () => 1;
