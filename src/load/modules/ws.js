// The module k6/ws (k6 reference, §11.7): connect() returns when its socket is closed.

import { kBinary, kPing, kPong, kText, kTooBig, open, Pings, readParams, toError } from 'gantry:websocket';
import { wsClose, wsDrop, wsNext, wsRecord, wsSend } from 'gantry:sockets';
import { isInit, requestOptions } from 'gantry:vu';

const kGoingAway = 1001;
const kExpectedCloses = [1000, 1001];

class Socket {
  #number;
  #tags;
  #handlers = {};
  #timers = [];
  #pings = new Pings();
  #isClosed = false;

  constructor(number, tags) {
    this.#number = number;
    this.#tags = tags;
  }

  on(event, handler) {
    if (typeof handler === 'function') (this.#handlers[event] ??= []).push(handler);
  }

  send(message) {
    this.#sendMessage(kText, String(message));
  }

  sendBinary(message) {
    if (message === undefined) throw new Error('missing argument, expected ArrayBuffer');
    if (!(message instanceof ArrayBuffer)) throw new Error(`expected ArrayBuffer as argument, received: ${message?.constructor?.name ?? message}`);
    this.#sendMessage(kBinary, new Uint8Array(message));
  }

  ping() {
    this.#complain(wsSend(this.#number, kPing, this.#pings.next()));
  }

  setTimeout(callback, ms) {
    this.#startTimer('setTimeout', callback, ms, false);
  }

  setInterval(callback, ms) {
    this.#startTimer('setInterval', callback, ms, true);
  }

  close(code) {
    this.#end(code === undefined ? kGoingAway : Math.trunc(Number(code)));
  }

  // Until it is closed.
  run(setUp) {
    try {
      setUp(this);
      this.#emit('open');
      while (!this.#isClosed) this.#turn();
    } finally {
      // Not where the script is to end: there is nobody left to tell then.
      this.#end(kGoingAway);
    }
  }

  #turn() {
    const next = this.#timers.length === 0 ? undefined : this.#timers.reduce((first, one) => (one.at < first.at ? one : first));
    const event = wsNext([this.#number], next === undefined ? undefined : Math.max(0, next.at - Date.now()));
    if (event !== undefined) this.#take(event);
    else if (next !== undefined) this.#ring(next);
  }

  #take([, kind, data, code, says]) {
    switch (kind) {
      case 'text':
      case 'binary':
        wsRecord('ws_msgs_received', 1, this.#tags);
        return this.#emit(kind === 'text' ? 'message' : 'binaryMessage', data);
      case 'ping':
        this.#complain(wsSend(this.#number, kPong, data));
        return this.#emit('ping');
      case 'pong':
        this.#pings.answer(data, this.#tags);
        return this.#emit('pong');
      case 'close':
        if (!kExpectedCloses.includes(code)) this.#emit('error', toError(says));
        return this.#end(code);
    }
    return this.#break(data, code);
  }

  // An end without a goodbye is told; of what breaks the protocol k6 says only that it has said goodbye to it. It knows no limit, so that
  // a message beyond ours is told as what it is.
  #break(says, code) {
    const isEnd = says.startsWith('websocket: close 1006');
    if (isEnd) this.#emit('error', toError(says));
    if (code === 1006) return this.#end(isEnd ? 1006 : kGoingAway);
    wsClose(this.#number, code, says.replace(/^websocket: /, ''));
    wsDrop(this.#number);
    return this.#end(kGoingAway, code === kTooBig ? says : 'websocket: close sent');
  }

  #ring(timer) {
    if (timer.period > 0) timer.at += timer.period;
    else this.#timers.splice(this.#timers.indexOf(timer), 1);
    timer.callback();
  }

  #emit(event, ...values) {
    for (const handler of [...(this.#handlers[event] ?? [])]) handler(...values);
  }

  #complain(text) {
    if (text !== undefined) this.#emit('error', toError(text));
  }

  #sendMessage(opcode, message) {
    this.#complain(wsSend(this.#number, opcode, message));
    wsRecord('ws_msgs_sent', 1, this.#tags);
  }

  #startTimer(name, callback, ms, isPeriodic) {
    const wait = Number(ms);
    if (!(wait > 0)) throw new Error(`${name} requires a >0 timeout parameter, received ${wait.toFixed(2)}`);
    this.#timers.push({ at: Date.now() + wait, callback, period: isPeriodic ? wait : 0 });
  }

  #end(code, complaint = undefined) {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.#complain(complaint ?? wsClose(this.#number, code, ''));
      this.#emit('close', code);
    } finally {
      wsDrop(this.#number);
    }
  }
}

export function connect(url, ...args) {
  if (isInit()) throw new Error('using websockets in the init context is not supported');
  if (args.length < 1 || args.length > 2) throw new Error('invalid number of arguments to ws.connect');
  const [params, setUp] = args.length === 2 ? args : [undefined, args[0]];
  if (typeof setUp !== 'function') throw new Error('last argument to ws.connect must be a function');
  const text = String(url);
  const begun = Date.now();
  const answer = open(text, readParams(params, 'invalid ws.connect() metric tags'), '', () => ({ url: text }));
  try {
    if (!answer.isOpen) {
      if (requestOptions().throws) throw new Error(answer.error);
      if (answer.status === 0) return { url: '', status: 0, headers: {}, body: '', error: answer.error };
      return { url: '', status: answer.status, headers: answer.headers, body: answer.body, error: '' };
    }
    new Socket(answer.number, answer.tags).run(setUp);
    return { url: text, status: answer.status, headers: answer.headers, body: '', error: '' };
  } finally {
    wsRecord('ws_session_duration', Date.now() - begun, answer.tags);
  }
}

export default { connect };
