// The module k6/metrics (k6 reference, §11.2).

import { Metric } from 'gantry:vu';

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
