export const options = () => 1;
export default () => 1;
