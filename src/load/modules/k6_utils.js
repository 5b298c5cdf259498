// What scripts import as https://jslib.k6.io/k6-utils/…/index.js, for those that load without a network. Math.random is the VU's own, so
// that randomSeed() holds for these too.

import { check as checkNow } from 'k6';
import exec from 'k6/execution';

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

const kUnits = { d: 86400e3, h: 3600e3, m: 60e3, s: 1e3, ms: 1 };

// "1d5h31m20s7ms" in milliseconds.
export function parseDuration(text) {
  if (text === undefined || text === null || text === '') throw new TypeError('str is required');
  if (typeof text !== 'string') throw new TypeError(`"${text}" is not of string type`);
  let total = 0;
  const rest = text.replace(/(\d+(?:\.\d+)?)(d|h|ms|m|s)/g, (_, number, unit) => {
    total += Number(number) * kUnits[unit];
    return '';
  });
  if (rest !== '') throw new TypeError(`"${text}" is an invalid time string`);
  return total;
}

const lengthOf = (duration) => (typeof duration === 'number' ? duration : parseDuration(duration));

// The stages of the scenario that runs this, and what they start from.
function currentStages() {
  const scenario = exec.test.options.scenarios?.[exec.scenario.name];
  if (scenario === undefined) throw new Error('the exec.test.options object doesn\'t contain the current scenario ' + exec.scenario.name);
  if (scenario.stages === undefined) throw new Error('only ramping-vus or ramping-arrival-rate supports stages, it is not possible to get a stage index on other executors.');
  if (scenario.stages.length < 1) throw new Error(`the current scenario ${scenario.name} doesn't contain any stage`);
  return { stages: scenario.stages, start: Number(scenario.startVUs ?? scenario.startRate ?? 0) };
}

// The last one once all are over.
export function getCurrentStageIndex() {
  const { stages } = currentStages();
  const elapsed = Date.now() - exec.scenario.startTime;
  let end = 0;
  const index = stages.findIndex(({ duration }) => elapsed < (end += lengthOf(duration)));
  return index < 0 ? stages.length - 1 : index;
}

export function tagWithCurrentStageIndex() {
  exec.vu.metrics.tags.stage = String(getCurrentStageIndex());
}

export function tagWithCurrentStageProfile() {
  const { stages, start } = currentStages();
  const index = getCurrentStageIndex();
  const [before, now] = [index === 0 ? start : Number(stages[index - 1].target), Number(stages[index].target)];
  exec.vu.metrics.tags.stage_profile = now > before ? 'ramp-up' : now < before ? 'ramp-down' : 'steady';
}

// k6's check(), for checks that promise their answer too.
export async function check(value, checks, tags) {
  let holds = true;
  const given = await value;
  for (const [name, test] of Object.entries(checks)) {
    const answer = await (typeof test === 'function' ? test(given) : test);
    holds = checkNow(given, { [name]: Boolean(answer) }, tags) && holds;
  }
  return holds;
}

export default {
  check, findBetween, getCurrentStageIndex, normalDistributionStages, parseDuration, randomIntBetween, randomItem, randomString, tagWithCurrentStageIndex,
  tagWithCurrentStageProfile, uuidv4,
};
