// The global timers, as a module.
import timers, { setTimeout, clearTimeout } from 'k6/timers';

export const options = { iterations: 1 };

export default function () {
  const dropped = setTimeout(() => console.log('dropped'), 5);
  clearTimeout(dropped);
  let rung = 0;
  const id = timers.setInterval(() => {
    if (++rung < 3) return;
    timers.clearInterval(id);
    console.log('rang', rung, typeof timers.setTimeout);
  }, 1);
}
