export const options = { noSetup: 'true' };
export default () => console.log('never');
