// What goes on when the function of an iteration has returned (k6 reference, §3.3): timers ring, the earliest first, and requests land that
// promises stand for. The iteration is over when none is left.

import { hasPending, isInit, landed, onIdle, sleep } from 'gantry:vu';

const kOfPromises = 0; // the group of flights

let timers = [];
let lastTimer = 0;
const awaited = new Map();

function tellWhatIsLeft() {
  hasPending(timers.length > 0 || awaited.size > 0);
}

function dropAll() {
  timers = [];
  awaited.clear();
  tellWhatIsLeft();
}

// Calls back with what landed() has of a flight: as soon as nothing else runs.
export function expectLanding(flight, callback) {
  awaited.set(flight, callback);
  tellWhatIsLeft();
}

export function startTimer(callback, delay, isPeriodic, values) {
  if (isInit()) throw new Error('timers are not available in the init context');
  if (typeof callback !== 'function') throw new TypeError('a timer needs a function');
  const wait = Math.max(0, Number(delay) || 0);
  timers.push({ id: ++lastTimer, at: Date.now() + wait, callback, values, period: isPeriodic ? Math.max(1, wait) : 0 });
  tellWhatIsLeft();
  return lastTimer;
}

export function stopTimer(id) {
  timers = timers.filter((timer) => timer.id !== id);
  tellWhatIsLeft();
}

function ring(timer) {
  if (timer.period > 0) timer.at += timer.period;
  else stopTimer(timer.id);
  timer.callback(...timer.values);
}

function land([flight, ...answer]) {
  const callback = awaited.get(flight);
  awaited.delete(flight);
  tellWhatIsLeft();
  callback(...answer);
}

// Lets one thing happen; or drops all, which an iteration that was interrupted has left.
onIdle((drops) => {
  if (drops) return dropAll();
  const next = timers.length === 0 ? undefined : timers.reduce((first, timer) => (timer.at < first.at ? timer : first));
  const wait = next === undefined ? undefined : Math.max(0, next.at - Date.now());
  try {
    const answer = awaited.size > 0 ? landed(kOfPromises, wait) : sleep(wait / 1000);
    if (answer !== undefined) land(answer);
    else if (next !== undefined) ring(next);
  } catch (error) {
    dropAll();
    throw error;
  }
  return undefined;
});
