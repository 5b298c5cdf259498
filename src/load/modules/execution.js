// The module k6/execution (k6 reference, §11.3).

import { freeze } from 'gantry:freeze';
import { abortTest, executionOf, failTest, isInit, optionsOfTest, setVuTag, vuTag, vuTags } from 'gantry:vu';

// An object whose members are looked up when they are read.
function lazy(members) {
  const object = {};
  for (const name of Object.keys(members)) Object.defineProperty(object, name, { enumerable: true, get: members[name] });
  return Object.freeze(object);
}

function running(name) {
  if (isInit()) throw new Error(`getting ${name} information in the init context is not supported`);
  return executionOf();
}

function scenarioOf(name) {
  const now = running('scenario');
  if (now.scenario === '') throw new Error(`getting scenario.${name} is only possible in the function of a scenario`);
  return now;
}

// Reading and writing its members reads and writes the tags of the VU's samples.
const tags = new Proxy({}, {
  get: (_, name) => (typeof name === 'string' ? vuTag(name) : undefined),
  has: (_, name) => vuTag(String(name)) !== undefined,
  ownKeys: () => Object.keys(vuTags()),
  getOwnPropertyDescriptor: (_, name) => ({ value: vuTag(String(name)), enumerable: true, configurable: true, writable: true }),
  set(_, name, value) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      throw new TypeError(`invalid value for metric tag '${String(name)}': only String, Boolean and Number types are accepted as a metric tag values`);
    }
    setVuTag(String(name), String(value));
    return true;
  },
  deleteProperty(_, name) {
    setVuTag(String(name), undefined);
    return true;
  },
});

// Kept beside samples and never part of what tells series apart; nothing here writes it out yet.
const metrics = { tags, metadata: {} };

export const scenario = lazy({
  name: () => scenarioOf('name').scenario,
  executor: () => scenarioOf('executor').executor,
  startTime: () => Math.round(Date.now() - scenarioOf('startTime').scenarioMs),
  progress: () => {
    const { scenarioMs, scenarioLengthMs } = scenarioOf('progress');
    return Math.min(1, scenarioLengthMs > 0 ? scenarioMs / scenarioLengthMs : 1);
  },
  iterationInInstance: () => scenarioOf('iterationInInstance').iterationInInstance,
  iterationInTest: () => scenarioOf('iterationInTest').iterationInTest,
});

export const instance = lazy({
  iterationsInterrupted: () => running('instance').iterationsInterrupted,
  iterationsCompleted: () => running('instance').iterationsCompleted,
  vusActive: () => running('instance').vusActive,
  vusInitialized: () => running('instance').vusInitialized,
  currentTestRunDuration: () => running('instance').runMs,
});

export const vu = lazy({
  idInInstance: () => running('VU').vu,
  idInTest: () => running('VU').vuInTest,
  iterationInInstance: () => running('VU').iteration,
  iterationInScenario: () => running('VU').iterationInScenario,
  tags: () => tags,
  metrics: () => metrics,
});

let options;

export const test = Object.freeze({
  abort: (text) => abortTest(text === undefined ? '' : String(text)),
  fail: (text) => failTest(text === undefined ? '' : String(text)),
  get options() {
    options ??= freeze(JSON.parse(optionsOfTest()));
    return options;
  },
});

export default { instance, scenario, test, vu };
