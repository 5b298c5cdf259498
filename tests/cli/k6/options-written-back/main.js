// flags: -i 2 -u 2 --tag a=b --no-setup
// The script's own object has what the other layers say, once the VUs are made.
export const options = { vus: 1, mine: { a: [1] }, thresholds: { iterations: ['count>0'] }, summaryTrendStats: ['max'], systemTags: ['scenario', 'url'], tags: { c: 'd' }, rps: 0, userAgent: null };
const before = JSON.stringify(options);
export default function () {
  console.log(before);
  const { vus, mine, thresholds, summaryTrendStats, systemTags, tags, rps, noSetup, iterations, userAgent } = options;
  console.log(JSON.stringify({ vus, mine, summaryTrendStats, systemTags, tags, rps, noSetup, iterations, userAgent }), Object.keys(thresholds), Object.keys(options).includes('stages'));
}
