export const options = { duration: 'soon' };
export default () => 1;
