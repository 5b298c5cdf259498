// A file of handleSummary() that is neither text nor an ArrayBuffer is an error, and nothing is written.
export const options = { iterations: 1 };
export default function () {}
export function handleSummary() {
  return { 'data.json': 7 };
}
