// What scripts import as https://jslib.k6.io/k6-utils/…/index.js, for those that load without a network. Math.random is the VU's own, so
// that randomSeed() holds for these too.

const kLetters = 'abcdefghijklmnopqrstuvwxyz';

export function randomIntBetween(min, max) {
  return Math.floor(Math.random() * (max - min + 1) + min);
}

export function randomItem(items) {
  return items[Math.floor(Math.random() * items.length)];
}

export function randomString(length, charset = kLetters) {
  let text = '';
  for (let i = 0; i < length; ++i) text += charset[Math.floor(Math.random() * charset.length)];
  return text;
}

export function uuidv4() {
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (place) => {
    const digit = Math.floor(Math.random() * 16);
    return (place === 'x' ? digit : (digit & 3) | 8).toString(16);
  });
}

export function findBetween(content, left, right, repeat = false) {
  const found = [];
  for (let at = 0; ; ) {
    const start = content.indexOf(left, at);
    const end = start < 0 ? -1 : content.indexOf(right, start + left.length);
    if (end < 0) break;
    found.push(content.slice(start + left.length, end));
    if (!repeat) break;
    at = end + right.length;
  }
  return repeat ? found : found[0] ?? null;
}

// Stages that rise and fall as the normal distribution does: ten of them, the middle ones highest.
export function normalDistributionStages(maxVus, durationSeconds, numberOfStages = 10) {
  const stages = [];
  const height = (x) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  const step = 4 / numberOfStages;
  const peak = height(0);
  for (let i = 0; i <= numberOfStages; ++i) {
    const target = Math.ceil((maxVus * height(-2 + step * i)) / peak);
    stages.push({ duration: `${Math.ceil(durationSeconds / (numberOfStages + 1))}s`, target });
  }
  stages.push({ duration: '1s', target: 0 });
  return stages;
}

export default { findBetween, normalDistributionStages, randomIntBetween, randomItem, randomString, uuidv4 };
