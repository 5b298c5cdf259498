// Streams of values.
import { CountQueuingStrategy, ReadableStream, ReadableStreamDefaultReader, WritableStream, WritableStreamDefaultWriter } from 'k6/experimental/streams';

export const options = { iterations: 1 };

async function said(name, promise) {
  try {
    const value = await promise;
    console.log(name, value === undefined ? 'undefined' : JSON.stringify(value));
  } catch (error) {
    console.log(name, 'rejected', error instanceof TypeError ? 'TypeError' : String(error));
  }
}

async function drain(name, stream) {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    console.log(name, done, value);
    if (done) return reader;
  }
}

export default async function () {
  let pulls = 0;
  const pulled = new ReadableStream({ start(c) { c.enqueue('start'); }, pull(c) { if (++pulls > 3) c.close(); else c.enqueue(pulls); } });
  console.log(pulled.locked);
  const reader = await drain('pulled', pulled);
  console.log(pulled.locked, typeof ReadableStreamDefaultReader);
  await said('closed', reader.closed);
  reader.releaseLock();
  console.log(pulled.locked);
  await said('released', reader.read());

  await drain('async', new ReadableStream({ async pull(c) { await null; c.enqueue('a'); c.close(); } }, new CountQueuingStrategy({ highWaterMark: 0 })));
  await drain('many', new ReadableStream({ start(c) { for (const each of [1, 2, 3]) c.enqueue(each); console.log('size', c.desiredSize); c.close(); } }, { highWaterMark: 2 }));

  const failing = new ReadableStream({ start(c) { c.enqueue(1); c.error(new Error('bad')); } }).getReader();
  await said('failing', failing.read());
  await said('failing closed', failing.closed);
  const cancelled = new ReadableStream({ cancel(reason) { console.log('cancel', reason); } });
  await said('cancel', cancelled.cancel('why'));
  await said('cancelled', cancelled.getReader().read());
  const locked = new ReadableStream();
  locked.getReader();
  await said('locked cancel', locked.cancel());
  try { locked.getReader(); } catch (error) { console.log(error instanceof TypeError); }
  try { new ReadableStream({ pull: 1 }); } catch (error) { console.log(error instanceof TypeError); }

  const written = [];
  const sink = new WritableStream({ async write(value) { await null; written.push(value); }, close() { written.push('end'); } });
  const writer = sink.getWriter();
  console.log(sink.locked, writer instanceof WritableStreamDefaultWriter, writer.desiredSize);
  writer.write(1);
  console.log(writer.desiredSize);
  await said('ready', writer.ready);
  await said('write', writer.write(2));
  await said('close', writer.close());
  await said('closed', writer.closed);
  await said('late', writer.write(3));
  console.log(written.join());
  const broken = new WritableStream({ write() { throw new Error('full'); } }).getWriter();
  await said('broken', broken.write(1));
  await said('broken closed', broken.closed);
  const aborted = new WritableStream({ abort(reason) { console.log('abort', reason); } });
  await said('abort', aborted.abort('why'));
}
