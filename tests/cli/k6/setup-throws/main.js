export const setup = () => { throw new Error('no setup'); };
export default () => 1;
export const teardown = () => console.log('torn down');
