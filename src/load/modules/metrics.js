// The module k6/metrics (k6 reference, §11.2).

import { declare, isInit, sample, warn } from 'gantry:vu';

class Metric {
  #id;
  #name;

  constructor(type, name, isTime) {
    if (!isInit()) throw new Error('metrics must be declared in the init context');
    if (name === undefined) throw new TypeError('a metric needs a name');
    this.#id = declare(type, String(name), Boolean(isTime));
    this.#name = String(name);
  }

  get name() {
    return this.#name;
  }

  add(value, tags) {
    if (isInit()) throw new Error('metrics cannot be added to in the init context');
    const number = typeof value === 'boolean' ? Number(value) : value === null ? NaN : Number(value);
    if (!Number.isFinite(number)) {
      warn(`'${value}' is an invalid value for metric '${this.#name}', a number is expected`);
      return false;
    }
    sample(this.#id, number, tags);
    return true;
  }
}

export class Counter extends Metric {
  constructor(name) {
    super('counter', name, false);
  }
}

export class Gauge extends Metric {
  constructor(name) {
    super('gauge', name, false);
  }
}

export class Rate extends Metric {
  constructor(name) {
    super('rate', name, false);
  }
}

export class Trend extends Metric {
  constructor(name, isTime) {
    super('trend', name, isTime);
  }
}

export default { Counter, Gauge, Rate, Trend };
