export const options = { vus: 'many' };
export default () => 1;
