export const options = { vus: 1, duration: '0s' };
export default () => 1;
