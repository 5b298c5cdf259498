// flags: --no-setup --no-teardown
export const setup = () => 5;
export default (data) => console.log(data);
export const teardown = () => console.log('torn down');
