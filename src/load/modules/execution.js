// The module k6/execution (k6 reference, §11.3).

import { freeze } from 'gantry:freeze';
import { abortTest, executionOf, failTest, isInit, optionsOfTest, setVuMetadatum, setVuTag, vuMetadata, vuTags } from 'gantry:vu';

// An object whose members are looked up when they are read, and stay; a script may add others. Those with a `set` may be assigned to.
function lazy(members, set = {}) {
  const object = {};
  for (const name of Object.keys(members)) Object.defineProperty(object, name, { enumerable: true, get: members[name], set: set[name] });
  return object;
}

function running(name) {
  if (isInit()) throw new Error(`getting ${name} in the init context is not supported`);
  return executionOf();
}

function scenarioOf(name) {
  const now = running('scenario information');
  if (now.scenario === '') throw new Error(`getting scenario.${name} is only possible in the function of a scenario`);
  return now;
}

// Reading and writing its members reads and writes what the VU's samples have.
function ofSamples(all, set, what, values) {
  const value = (name) => {
    const now = all();
    return Object.hasOwn(now, name) ? now[name] : undefined;
  };
  return new Proxy({}, {
    get: (_, name) => value(name),
    has: (_, name) => value(name) !== undefined,
    ownKeys: () => Object.keys(all()),
    getOwnPropertyDescriptor: (_, name) => ({ value: value(name), enumerable: true, configurable: true, writable: true }),
    set(_, name, given) {
      if (!['string', 'number', 'boolean'].includes(typeof given)) {
        throw new TypeError(`invalid value for metric ${what} '${String(name)}': only String, Boolean and Number types are accepted as a metric ${values}`);
      }
      set(String(name), String(given));
      return true;
    },
    deleteProperty(_, name) {
      set(String(name), undefined);
      return true;
    },
  });
}

const tags = ofSamples(vuTags, setVuTag, 'tag', 'tag values');
// Goes with samples, and tells no series apart.
const metadata = ofSamples(vuMetadata, setVuMetadatum, 'metadata', 'metadata value');
const metrics = lazy({ tags: () => tags, metadata: () => metadata });

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
  iterationsInterrupted: () => running('instance information').iterationsInterrupted,
  iterationsCompleted: () => running('instance information').iterationsCompleted,
  vusActive: () => running('instance information').vusActive,
  vusInitialized: () => running('instance information').vusInitialized,
  currentTestRunDuration: () => running('instance information').runMs,
});

export const vu = lazy({
  idInInstance: () => running('VU information').vu,
  idInTest: () => running('VU information').vuInTest,
  iterationInInstance: () => running('VU information').iteration,
  iterationInScenario: () => running('VU information').iterationInScenario,
  tags: () => running('VU information') && tags,
  metrics: () => running('VU information') && metrics,
}, { tags() {}, metrics() {} }); // which does nothing, as in k6

const abort = (text) => abortTest(text === undefined ? '' : String(text));
const fail = (text) => failTest(text === undefined ? '' : String(text));
let options;

export const test = lazy({
  abort: () => abort,
  fail: () => fail,
  options: () => {
    running('test options');
    options ??= freeze(JSON.parse(optionsOfTest()));
    return options;
  },
});

export default lazy({ instance: () => instance, scenario: () => scenario, test: () => test, vu: () => vu });
