// flags: -u 2 -i 4
export const setup = () => ({ at: 1, list: [1, { a: 2 }], n: 1 });
export default (data) => console.log(data.at, data.list, __VU > 0);
export const teardown = (data) => console.log('teardown', data.n, data.list, __VU, typeof __ITER);
