// What goes on when the function of an iteration has returned (k6 reference, §3.3): timers ring, the earliest first, and requests land that
// promises stand for. The iteration is over when none is left.

import { others } from 'gantry:others';
import { hasPending, isInit, landed, onIdle, sleep } from 'gantry:vu';

const kOfPromises = 0; // the group of flights
const kLookMs = 5; // how long a landing waits, at most, while the VU listens to WebSockets

let timers = [];
let lastTimer = 0;
const awaited = new Map();

function tellWhatIsLeft() {
  hasPending(timers.length > 0 || awaited.size > 0 || others.isPending());
}
others.tell = tellWhatIsLeft;

function dropAll() {
  timers = [];
  awaited.clear();
  others.drop();
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

// Waits for what WebSockets hear, and looks for what has landed.
function listen(ms) {
  const answer = awaited.size > 0 ? landed(kOfPromises, 0) : undefined;
  if (answer !== undefined) return answer;
  if (others.serve(awaited.size > 0 ? Math.min(ms ?? kLookMs, kLookMs) : ms)) tellWhatIsLeft();
  return undefined;
}

function wait(ms) {
  if (others.isPending()) return listen(ms);
  return awaited.size > 0 ? landed(kOfPromises, ms) : sleep(ms / 1000);
}

// Lets one thing happen; or drops all, which an iteration that was interrupted has left.
onIdle((drops) => {
  if (drops) return dropAll();
  const next = timers.length === 0 ? undefined : timers.reduce((first, timer) => (timer.at < first.at ? timer : first));
  const hadOthers = others.isPending();
  let isDone = false;
  try {
    const answer = wait(next === undefined ? undefined : Math.max(0, next.at - Date.now()));
    if (answer !== undefined) land(answer);
    else if (next !== undefined && !(hadOthers && next.at > Date.now()) && timers.includes(next)) ring(next);
    isDone = true;
  } finally {
    if (!isDone) dropAll(); // what was thrown keeps its place, as it would not if it were caught
  }
  return undefined;
});
