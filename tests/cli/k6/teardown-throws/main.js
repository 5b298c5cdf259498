export default () => 1;
export const teardown = () => { throw new Error('no teardown'); };
