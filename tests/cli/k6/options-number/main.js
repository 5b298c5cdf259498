export const options = 5;
export default () => console.log('never');
