export default () => 1;
export function handleSummary() { throw new Error('no summary'); }
