// A file of handleSummary() may be an ArrayBuffer.
export const options = { iterations: 1 };
export default function () {}
export function handleSummary(data) {
  const text = JSON.stringify({ metrics: { iterations: data.metrics.iterations.values.count } });
  return { 'data.json': new Uint8Array([...text].map((each) => each.charCodeAt(0))).buffer };
}
