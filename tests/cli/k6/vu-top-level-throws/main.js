if (__VU > 0) throw new Error('vu');
export default () => 1;
