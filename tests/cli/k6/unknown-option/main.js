export const options = { vuss: 1, ext: {}, cloud: {} };
export default () => 1;
