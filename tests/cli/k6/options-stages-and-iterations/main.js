// A list of no stages is no way to say how long.
export const options = { stages: [], iterations: 2 };
export default () => console.log('ran');
