export default () => 1;
export const handleSummary = () => ({ 'gone/data.json': 'x', 'data.json': '1' });
