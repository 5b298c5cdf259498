export const options = { stages: 'x' };
export default () => console.log('never');
