export default () => 1;
export function handleSummary() {}
