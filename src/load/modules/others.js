// What an iteration waits for besides its timers: WebSockets, where a script has any. The loop of timers asks, k6/websockets answers.

export const others = {
  isPending: () => false,
  // Lets one thing happen, or waits so many milliseconds for it, or for ever; false where nothing did.
  serve: () => false,
  // Of an iteration that was interrupted.
  drop: () => {},
  // To be called when something has begun to be pending; the loop sets it.
  tell: () => {},
};
