export const options = { systemTags: ['url', 'gone'] };
export default () => 1;
