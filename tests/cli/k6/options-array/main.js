export const options = [{ vus: 1 }];
export default () => console.log('never');
