// The module k6/websockets (k6 reference, §11.8): sockets as browsers have them. What they hear is told when the function of the iteration
// has returned, as timers are, and the iteration is not over before they are closed.

import { bytesToText, textToBytes } from 'gantry:bytes';
import { others } from 'gantry:others';
import { kBinary, kPing, kPong, kText, kTooBig, open, Pings, readParams } from 'gantry:websocket';
import { wsClose, wsDrop, wsNext, wsRecord, wsSend } from 'gantry:sockets';
import { isInit, warn } from 'gantry:vu';

const kConnecting = 0;
const kOpen = 1;
const kClosing = 2;
const kClosed = 3;
const kTypes = ['open', 'message', 'error', 'close', 'ping', 'pong'];
const kParams = ['headers', 'tags', 'jar', 'compression'];

export class Blob {
  #bytes;
  #type;

  constructor(parts = [], options = undefined) {
    if (options !== undefined && (typeof options !== 'object' || options === null)) throw new Error('[options] must be an object');
    const all = Array.from(parts, (part) => (part instanceof Blob ? part.#bytes : Blob.#bytesOf(part)));
    this.#bytes = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of all) {
      this.#bytes.set(part, at);
      at += part.length;
    }
    this.#type = options?.type === undefined ? '' : String(options.type);
  }

  static #bytesOf(part) {
    if (typeof part === 'string' || part instanceof ArrayBuffer || ArrayBuffer.isView(part)) return textToBytes(part);
    throw new Error(`failed to process [blobParts]: unsupported type: ${typeof part}`);
  }

  get size() { return this.#bytes.length; }
  get type() { return this.#type; }
  async arrayBuffer() { return this.#bytes.slice().buffer; }
  async bytes() { return this.#bytes.slice(); }
  async text() { return bytesToText(this.#bytes); }
  slice(from = 0, to = this.size, type = '') { return new Blob([this.#bytes.slice(from, to)], { type }); }
  toString() { return '[object Blob]'; }
  static bytesIn(blob) { return blob.#bytes; }
}

// Those that are neither closed nor dropped, and what else is to be done for them.
const sockets = new Map(); // by number, once they are open
let tasks = [];

function later(task) {
  tasks.push(task);
  others.tell();
}

others.isPending = () => tasks.length > 0 || sockets.size > 0;
// One thing at a time: promises settle between them. False where there was nothing for so long.
others.serve = (ms) => {
  const task = tasks.shift();
  if (task !== undefined) {
    task();
    return true;
  }
  const event = wsNext([...sockets.keys()], ms);
  if (event === undefined) return false;
  sockets.get(event[0]).hear(event);
  return true;
};
others.drop = () => {
  tasks = [];
  for (const number of sockets.keys()) {
    wsClose(number, 1000, '');
    wsDrop(number);
  }
  sockets.clear();
};

function checkUrl(given) {
  if (given === undefined || given === null) throw new Error('WebSocket requires a url');
  const url = String(given);
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1].toLowerCase() ?? '';
  if (scheme !== 'ws' && scheme !== 'wss') throw new Error(`WebSocket requires url with scheme ws or wss, but got "${scheme}"`);
  const hash = url.indexOf('#');
  if (hash >= 0 && hash + 1 < url.length) throw new Error(`WebSocket requires no url fragment, but got "${url.slice(hash + 1)}"`);
  return url;
}

class Connection {
  readyState = kConnecting;
  bufferedAmount = 0;
  binaryType = 'blob';
  protocol = '';
  extensions = [];
  listeners = Object.fromEntries(kTypes.map((type) => [type, { on: null, list: [] }]));
  #url;
  #object;
  #number;
  #tags;
  #pings = new Pings();
  #begun;
  #closeCode = 0;
  #closeReason = '';

  constructor(url, protocols, params, object) {
    this.#url = url;
    this.#object = object;
    later(() => this.#connect(protocols, params));
  }

  #connect(protocols, params) {
    this.#begun = Date.now();
    const answer = open(this.#url, params, protocols, ({ name }) => (name === undefined ? { url: this.#url, name: this.#url } : { url: name }));
    this.#tags = answer.tags;
    if (!answer.isOpen) return this.#closed(answer.error);
    this.#number = answer.number;
    this.protocol = answer.protocol;
    const extensions = answer.headers['Sec-Websocket-Extensions'];
    this.extensions = extensions === undefined ? [] : [extensions];
    sockets.set(this.#number, this);
    this.readyState = kOpen;
    return this.#tell('open', {});
  }

  hear([, kind, data, code, says]) {
    switch (kind) {
      case 'text':
      case 'binary':
        if (this.readyState !== kOpen) return undefined;
        wsRecord('ws_msgs_received', 1, this.#tags);
        return this.#tell('message', { data: kind === 'text' ? data : this.binaryType === 'blob' ? new Blob([data]) : data, origin: this.#url });
      case 'ping': {
        const wrong = wsSend(this.#number, kPong, data);
        return wrong === undefined ? this.#tell('ping', {}) : this.#tell('error', { error: wrong });
      }
      case 'pong':
        if (!this.#pings.answer(data, this.#tags)) warn(`received pong for unknown ping ID ${data}`);
        return this.#tell('pong', {});
      case 'close':
        // The goodbye is answered, where it is not the answer to ours.
        if (this.readyState === kOpen) wsClose(this.#number, code, '');
        this.#closeCode = code;
        this.#closeReason = data;
        return this.#closed(code === 1000 || code === 1001 ? undefined : says);
    }
    if (code !== 1006) wsClose(this.#number, code, data.replace(/^websocket: /, ''));
    const isEnd = data.startsWith('websocket: close 1006');
    if (isEnd) [this.#closeCode, this.#closeReason] = [1006, 'unexpected EOF'];
    return this.#closed(isEnd ? data : code === kTooBig ? data : undefined);
  }

  send(message) {
    this.#assertOpen();
    const [opcode, payload] = typeof message === 'string' ? [kText, message] : [kBinary, this.#bytesOf(message)];
    this.#write(opcode, payload, opcode === kText ? textToBytes(message).length : payload.length);
  }

  #bytesOf(message) {
    if (message instanceof Blob) return Blob.bytesIn(message);
    if (message instanceof ArrayBuffer || ArrayBuffer.isView(message)) return textToBytes(message);
    throw new Error(`unsupported send type ${typeof message}`);
  }

  #write(opcode, payload, size) {
    const wrong = wsSend(this.#number, opcode, payload);
    if (wrong !== undefined) return later(() => this.#closed(wrong));
    // It counts as waiting until the script has let go.
    this.bufferedAmount += size;
    wsRecord('ws_msgs_sent', 1, this.#tags);
    return later(() => { this.bufferedAmount -= size; });
  }

  ping() {
    this.#assertOpen();
    this.#write(kPing, this.#pings.next(), 0);
  }

  close(code, reason) {
    if (this.readyState >= kClosing) return;
    const number = code === undefined ? 0 : Math.trunc(Number(code));
    if (number !== 0 && number !== 1000 && !(number >= 3000 && number <= 4999)) {
      throw new Error(`InvalidAccessError: Failed to execute 'close' on 'WebSocket': The close code must be either 1000, or between 3000 and 4999. ${number} is neither`);
    }
    const text = reason === undefined ? '' : String(reason);
    if (textToBytes(text).length > 123) {
      throw new Error("SyntaxError: Failed to execute 'close' on 'WebSocket': The message must not be greater than 123 bytes");
    }
    if (this.readyState === kConnecting) return;
    this.readyState = kClosing;
    this.#closeCode = number === 0 ? 1000 : number;
    const wrong = wsClose(this.#number, this.#closeCode, text);
    if (wrong !== undefined) later(() => this.#closed(wrong));
    else wsRecord('ws_msgs_sent', 1, this.#tags);
  }

  #assertOpen() {
    if (this.readyState !== kOpen) throw new Error('InvalidStateError');
  }

  #closed(error) {
    if (this.readyState === kClosed) return;
    this.readyState = kClosed;
    if (this.#number !== undefined) {
      sockets.delete(this.#number);
      wsDrop(this.#number);
      wsRecord('ws_session_duration', Date.now() - this.#begun, this.#tags);
    }
    if (error !== undefined) this.#tell('error', { error });
    this.#tell('close', { ...(this.#closeCode === 0 ? {} : { code: this.#closeCode }), reason: this.#closeReason });
  }

  #tell(type, values) {
    const { on, list } = this.listeners[type];
    const event = { type, target: this.#object, timestamp: Date.now(), ...values };
    try {
      for (const listener of on === null ? [...list] : [on, ...list]) listener(event);
    } catch (error) {
      // The iteration is over; so is the socket.
      if (this.readyState !== kClosed && this.#number !== undefined) this.#closed(undefined);
      throw error;
    }
  }
}

const connections = new WeakMap();

export class WebSocket {
  #connection;

  constructor(url, protocols, params) {
    if (isInit()) throw new Error('using websockets in the init context is not supported');
    const address = checkUrl(url);
    const unknown = Object.keys(params ?? {}).find((name) => !kParams.includes(name));
    if (unknown !== undefined) throw new Error(`unknown WebSocket's option ${unknown}`);
    const names = protocols === undefined || protocols === null ? [] : Array.isArray(protocols) ? protocols.map(String) : [String(protocols)];
    this.#connection = new Connection(address, names.join(', '), readParams(params, 'invalid WebSocket tags option'), this);
    Object.defineProperty(this, 'url', { value: address, enumerable: true });
    connections.set(this, this.#connection);
  }

  get readyState() { return this.#connection.readyState; }
  get bufferedAmount() { return this.#connection.bufferedAmount; }
  get protocol() { return this.#connection.protocol; }
  get extensions() { return this.#connection.extensions; }
  get binaryType() { return this.#connection.binaryType; }
  set binaryType(type) {
    if (type !== 'blob' && type !== 'arraybuffer') throw new Error(`unknown binaryType ${type}, the supported ones are "blob" and "arraybuffer"`);
    this.#connection.binaryType = type;
  }

  send(message) { this.#connection.send(message); }
  ping() { this.#connection.ping(); }
  close(code, reason) { this.#connection.close(code, reason); }

  addEventListener(type, listener) {
    if (typeof listener !== 'function') throw new Error(`handler for event type "${type}" isn't a callable function`);
    const listeners = kTypes.includes(type) ? this.#connection.listeners[type] : undefined;
    if (listeners === undefined) warn(`can't add event handler: unknown event type: ${type}`);
    else listeners.list.push(listener);
  }
}

for (const type of kTypes) {
  Object.defineProperty(WebSocket.prototype, `on${type}`, {
    get() { return connections.get(this).listeners[type].on; },
    set(listener) {
      if (listener !== null && listener !== undefined && typeof listener !== 'function') throw new Error(`a value for 'on${type}' should be callable`);
      connections.get(this).listeners[type].on = listener ?? null;
    },
    configurable: true,
  });
}

export default { WebSocket, Blob };
