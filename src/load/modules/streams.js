// The module k6/experimental/streams (k6 reference, §11.10): the WHATWG's streams of values, with their default controllers.

const kToken = Symbol('made by a stream');  // controllers are made by nobody else

function promised() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  made.promise.catch(() => {});
  return made;
}

function rejected(error) {
  const made = Promise.reject(error);
  made.catch(() => {});
  return made;
}

// What a function of the script's promises; what it throws is a rejection.
async function ask(object, name, ...values) {
  return object?.[name] === undefined ? undefined : object[name](...values);
}

function checkFunctions(object, what, names) {
  if (object === undefined) return;
  if (typeof object !== 'object' || object === null) throw new TypeError(`${what} must be an object`);
  for (const name of names) if (object[name] !== undefined && typeof object[name] !== 'function') throw new TypeError(`${what}.${name} must be a function`);
}

// A queue of values with sizes.
class Queue {
  entries = [];
  size = 0;

  constructor({ highWaterMark = 1, size = () => 1 } = {}) {
    this.highWaterMark = Number(highWaterMark);
    if (Number.isNaN(this.highWaterMark) || this.highWaterMark < 0) throw new RangeError('invalid highWaterMark');
    if (typeof size !== 'function') throw new TypeError('size must be a function');
    this.measure = size;
  }
  push(value) {
    const measure = this.measure;
    const size = Number(measure(value));
    if (!(size >= 0) || size === Infinity) throw new RangeError('invalid size of a chunk');
    this.entries.push({ value, size });
    this.size += size;
  }
  shift() {
    const { value, size } = this.entries.shift();
    this.size = this.entries.length === 0 ? 0 : this.size - size;
    return value;
  }
  clear() {
    this.entries = [];
    this.size = 0;
  }
  get room() { return this.highWaterMark - this.size; }
}

export class CountQueuingStrategy {
  constructor(given) {
    if (typeof given !== 'object' || given === null || given.highWaterMark === undefined) throw new TypeError('highWaterMark is missing');
    this.highWaterMark = Number(given.highWaterMark);
  }
  get size() { return () => 1; }
}

class ReadableStreamDefaultController {
  #stream;
  constructor(token, stream) {
    if (token !== kToken) throw new TypeError('Illegal constructor');
    this.#stream = stream;
  }
  get desiredSize() { return this.#stream.room(kToken); }
  enqueue(value) { this.#stream.enqueue(kToken, value); }
  close() { this.#stream.close(kToken); }
  error(reason) { this.#stream.fail(kToken, reason); }
}

// What stream, controller and reader ask of each other takes the token, so that scripts cannot.
function checkToken(token) {
  if (token !== kToken) throw new TypeError('Illegal invocation');
}

export class ReadableStream {
  #state = 'readable';
  #error;
  #queue;
  #source;
  #controller;
  #reader;
  #reads = [];  // readers that wait
  #isStarted = false;
  #isPulling = false;
  #pullsAgain = false;
  #isClosing = false;

  constructor(source, strategy) {
    this.#queue = new Queue(strategy ?? {});
    checkFunctions(source, 'underlyingSource', ['start', 'pull', 'cancel']);
    if (source?.type !== undefined) throw new RangeError(`a stream of type ${source.type} is not supported`);
    this.#source = source;
    this.#controller = new ReadableStreamDefaultController(kToken, this);
    const started = source?.start === undefined ? undefined : source.start(this.#controller);
    Promise.resolve(started).then(
      () => {
        this.#isStarted = true;
        this.#pull();
      },
      (reason) => this.fail(kToken, reason),
    );
  }

  get locked() { return this.#reader !== undefined; }
  getReader(options) {
    if (options?.mode !== undefined) throw new RangeError(`a reader of mode ${options.mode} is not supported`);
    return new ReadableStreamDefaultReader(this);
  }
  cancel(reason) {
    if (this.locked) return rejected(new TypeError('a stream that is locked to a reader cannot be cancelled'));
    return this.end(kToken, reason);
  }

  #pull() {
    const wants = this.#isStarted && this.#state === 'readable' && !this.#isClosing && (this.#reads.length > 0 || this.#queue.room > 0);
    if (!wants) return;
    if (this.#isPulling) {
      this.#pullsAgain = true;
      return;
    }
    this.#isPulling = true;
    ask(this.#source, 'pull', this.#controller).then(
      () => {
        this.#isPulling = false;
        if (!this.#pullsAgain) return;
        this.#pullsAgain = false;
        this.#pull();
      },
      (reason) => this.fail(kToken, reason),
    );
  }
  #finish() {
    this.#state = 'closed';
    for (const read of this.#reads.splice(0)) read.resolve({ value: undefined, done: true });
    this.#reader?.settle(kToken);
  }

  room(token) {
    checkToken(token);
    return this.#state === 'errored' ? null : this.#state === 'closed' ? 0 : this.#queue.room;
  }
  enqueue(token, value) {
    checkToken(token);
    if (this.#state !== 'readable' || this.#isClosing) throw new TypeError('the stream is not in a state that permits enqueue');
    if (this.#reads.length > 0) {
      this.#reads.shift().resolve({ value, done: false });
    } else {
      try {
        this.#queue.push(value);
      } catch (error) {
        this.fail(kToken, error);
        throw error;
      }
    }
    this.#pull();
  }
  close(token) {
    checkToken(token);
    if (this.#state !== 'readable' || this.#isClosing) throw new TypeError('the stream is not in a state that permits close');
    this.#isClosing = true;
    if (this.#queue.entries.length === 0) this.#finish();
  }
  fail(token, reason) {
    checkToken(token);
    if (this.#state !== 'readable') return;
    this.#state = 'errored';
    this.#error = reason;
    this.#queue.clear();
    for (const read of this.#reads.splice(0)) read.reject(reason);
    this.#reader?.settle(kToken, { reason });
  }
  read(token) {
    checkToken(token);
    if (this.#queue.entries.length > 0) {
      const value = this.#queue.shift();
      if (this.#isClosing && this.#queue.entries.length === 0) this.#finish();
      else this.#pull();
      return Promise.resolve({ value, done: false });
    }
    if (this.#state === 'closed') return Promise.resolve({ value: undefined, done: true });
    if (this.#state === 'errored') return rejected(this.#error);
    const read = promised();
    this.#reads.push(read);
    this.#pull();
    return read.promise;
  }
  end(token, reason) {
    checkToken(token);
    if (this.#state === 'closed') return Promise.resolve(undefined);
    if (this.#state === 'errored') return rejected(this.#error);
    this.#queue.clear();
    this.#finish();
    return ask(this.#source, 'cancel', reason).then(() => undefined);
  }
  lock(token, reader) {
    checkToken(token);
    if (reader !== undefined && this.#reader !== undefined) throw new TypeError('the stream is locked to a reader already');
    if (reader === undefined) for (const read of this.#reads.splice(0)) read.reject(new TypeError('the reader was released'));
    this.#reader = reader;
    if (this.#state === 'closed') reader?.settle(kToken);
    if (this.#state === 'errored') reader?.settle(kToken, { reason: this.#error });
  }
}

export class ReadableStreamDefaultReader {
  #stream;
  #closed = promised();

  constructor(stream) {
    if (!(stream instanceof ReadableStream)) throw new TypeError('a reader reads a ReadableStream');
    stream.lock(kToken, this);
    this.#stream = stream;
  }
  get closed() { return this.#closed.promise; }
  read() { return this.#stream === undefined ? rejected(new TypeError('the reader was released')) : this.#stream.read(kToken); }
  cancel(reason) { return this.#stream === undefined ? rejected(new TypeError('the reader was released')) : this.#stream.end(kToken, reason); }
  releaseLock() {
    if (this.#stream === undefined) return;
    this.#stream.lock(kToken, undefined);
    this.#stream = undefined;
    this.#closed.reject(new TypeError('the reader was released'));
  }
  settle(token, failed) {
    checkToken(token);
    if (failed === undefined) this.#closed.resolve(undefined);
    else this.#closed.reject(failed.reason);
  }
}

class WritableStreamDefaultController {
  #stream;
  constructor(token, stream) {
    if (token !== kToken) throw new TypeError('Illegal constructor');
    this.#stream = stream;
  }
  error(reason) { this.#stream.fail(kToken, reason); }
}

export class WritableStream {
  #state = 'writable';
  #error;
  #queue;
  #sink;
  #controller;
  #writer;
  #waits = [];  // promises of what is in the queue, in its order
  #isStarted = false;
  #isBusy = false;
  #closing;

  constructor(sink, strategy) {
    this.#queue = new Queue(strategy ?? {});
    checkFunctions(sink, 'underlyingSink', ['start', 'write', 'close', 'abort']);
    if (sink?.type !== undefined) throw new RangeError('underlyingSink.type is reserved');
    this.#sink = sink;
    this.#controller = new WritableStreamDefaultController(kToken, this);
    const started = sink?.start === undefined ? undefined : sink.start(this.#controller);
    Promise.resolve(started).then(
      () => {
        this.#isStarted = true;
        this.#advance();
      },
      (reason) => this.fail(kToken, reason),
    );
  }

  get locked() { return this.#writer !== undefined; }
  getWriter() { return new WritableStreamDefaultWriter(this); }
  abort(reason) { return this.locked ? rejected(new TypeError('a stream that is locked to a writer cannot be aborted')) : this.end(kToken, reason); }
  close() { return this.locked ? rejected(new TypeError('a stream that is locked to a writer cannot be closed')) : this.finish(kToken); }

  // Hands the sink one value at a time, and at last its end.
  #advance() {
    if (!this.#isStarted || this.#isBusy || this.#state !== 'writable') return;
    if (this.#queue.entries.length > 0) {
      this.#isBusy = true;
      const { value } = this.#queue.entries[0];
      ask(this.#sink, 'write', value, this.#controller).then(
        () => {
          this.#isBusy = false;
          if (this.#state !== 'writable') return;
          this.#queue.shift();
          this.#waits.shift().resolve(undefined);
          this.#writer?.tellRoom(kToken);
          this.#advance();
        },
        (reason) => {
          this.#isBusy = false;
          this.fail(kToken, reason);
        },
      );
    } else if (this.#closing !== undefined) {
      this.#isBusy = true;
      ask(this.#sink, 'close').then(
        () => {
          this.#state = 'closed';
          this.#closing.resolve(undefined);
          this.#writer?.settle(kToken);
        },
        (reason) => this.fail(kToken, reason),
      );
    }
  }

  room(token) {
    checkToken(token);
    return this.#state === 'errored' ? null : this.#state === 'closed' ? 0 : this.#queue.room;
  }
  write(token, value) {
    checkToken(token);
    if (this.#state === 'errored') return rejected(this.#error);
    if (this.#state === 'closed' || this.#closing !== undefined) return rejected(new TypeError('the stream is closing or closed'));
    try {
      this.#queue.push(value);
    } catch (error) {
      this.fail(kToken, error);
      return rejected(error);
    }
    const wait = promised();
    this.#waits.push(wait);
    this.#writer?.tellRoom(kToken);
    this.#advance();
    return wait.promise;
  }
  finish(token) {
    checkToken(token);
    if (this.#state !== 'writable' || this.#closing !== undefined) return rejected(new TypeError('the stream is closing, closed or failed'));
    this.#closing = promised();
    this.#writer?.tellRoom(kToken);
    this.#advance();
    return this.#closing.promise;
  }
  end(token, reason) {
    checkToken(token);
    if (this.#state !== 'writable') return Promise.resolve(undefined);
    this.fail(kToken, reason);
    return ask(this.#sink, 'abort', reason).then(() => undefined);
  }
  fail(token, reason) {
    checkToken(token);
    if (this.#state !== 'writable') return;
    this.#state = 'errored';
    this.#error = reason;
    this.#queue.clear();
    for (const wait of this.#waits.splice(0)) wait.reject(reason);
    this.#closing?.reject(reason);
    this.#writer?.settle(kToken, { reason });
  }
  lock(token, writer) {
    checkToken(token);
    if (writer !== undefined && this.#writer !== undefined) throw new TypeError('the stream is locked to a writer already');
    this.#writer = writer;
    if (this.#state === 'closed') writer?.settle(kToken);
    if (this.#state === 'errored') writer?.settle(kToken, { reason: this.#error });
  }
}

export class WritableStreamDefaultWriter {
  #stream;
  #closed = promised();
  #ready = promised();
  #isReady = false;

  constructor(stream) {
    if (!(stream instanceof WritableStream)) throw new TypeError('a writer writes to a WritableStream');
    this.#stream = stream;
    stream.lock(kToken, this);
    this.tellRoom(kToken);
  }
  get closed() { return this.#closed.promise; }
  get ready() { return this.#ready.promise; }
  get desiredSize() {
    if (this.#stream === undefined) throw new TypeError('the writer was released');
    return this.#stream.room(kToken);
  }
  write(value) { return this.#asking((stream) => stream.write(kToken, value)); }
  close() { return this.#asking((stream) => stream.finish(kToken)); }
  abort(reason) { return this.#asking((stream) => stream.end(kToken, reason)); }
  #asking(act) { return this.#stream === undefined ? rejected(new TypeError('the writer was released')) : act(this.#stream); }
  releaseLock() {
    if (this.#stream === undefined) return;
    const stream = this.#stream;
    this.#stream = undefined;
    this.settle(kToken, { reason: new TypeError('the writer was released') });
    stream.lock(kToken, undefined);
  }
  // `ready` is a promise of room, and another one each time that there is none.
  tellRoom(token) {
    checkToken(token);
    const hasRoom = !(this.#stream.room(kToken) <= 0);
    if (hasRoom && !this.#isReady) this.#ready.resolve(undefined);
    if (!hasRoom && this.#isReady) this.#ready = promised();
    this.#isReady = hasRoom;
  }
  settle(token, failed) {
    checkToken(token);
    if (failed === undefined) this.#closed.resolve(undefined);
    else {
      this.#closed.reject(failed.reason);
      if (this.#isReady) this.#ready = promised();
      this.#ready.reject(failed.reason);
      this.#isReady = true;
      return;
    }
    this.#ready.resolve(undefined);
  }
}

export default { CountQueuingStrategy, ReadableStream, ReadableStreamDefaultReader, WritableStream, WritableStreamDefaultWriter };
