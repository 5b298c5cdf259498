import { WebSocket, Blob } from 'k6/websockets';
// counts: vary
export const options = { thresholds: { ws_msgs_sent: ['count>0'], 'ws_sessions{name:mine}': ['count==1'], ws_msgs_received: ['count>0'], ws_ping: [] } };
const at = (path) => __ENV.AT.replace('http', 'ws') + path;
const fails = (name, call) => { try { call(); console.log(name, 'works'); } catch (error) { console.log(name, String(error).replace('GoError: ', 'Error: ')); } };

function echo() {
  const socket = new WebSocket(at('/ws/echo'), null, { tags: { name: 'mine' }, headers: { 'X-Custom': 'a' } });
  const seen = [socket.readyState];
  console.log(socket.url.replace(/.*:[0-9]+/, ''), socket.protocol, socket.bufferedAmount, socket.binaryType);
  fails('early', () => socket.send('x'));
  socket.onopen = (event) => { seen.push(event.type, socket.readyState); socket.send('hello'); console.log('waiting', socket.bufferedAmount); };
  socket.addEventListener('message', async (event) => {
    if (typeof event.data === 'string') {
      seen.push(event.data, event.origin.replace(/.*:[0-9]+/, ''), typeof event.timestamp);
      socket.send(new Uint8Array([1, 2]).buffer);
    } else if (socket.binaryType === 'blob') {
      seen.push('blob', event.data.size, await event.data.text());
      socket.binaryType = 'arraybuffer';
      socket.send(new Uint8Array([7, 8, 9]));
    } else {
      seen.push(Array.from(new Uint8Array(event.data)).join());
      socket.ping();
    }
  });
  socket.onpong = (event) => { seen.push(event.type); socket.close(1000, 'enough'); seen.push(socket.readyState); };
  socket.onclose = (event) => console.log(seen.join(' '), event.type, event.code, event.reason, socket.readyState);
  socket.onerror = (event) => console.log('error', event.error);
}

function closedBy(code) {
  const socket = new WebSocket(at('/ws/close/' + code));
  socket.onopen = () => socket.send('go');
  socket.onerror = (event) => console.log(code, 'error', event.error);
  socket.onclose = (event) => console.log(code, 'close', event.code, event.reason);
}

function failing(url) {
  const socket = new WebSocket(url);
  socket.onerror = (event) => console.log('fails', event.error, socket.readyState);
  socket.onclose = (event) => console.log('closed', event.code, event.reason, socket.readyState);
}

export default async function () {
  echo();
  for (const code of [1000, 1001, 1008, 3001]) closedBy(code);
  failing(at('/ws/refuse'));
  failing('ws://127.0.0.1:1/');
  const two = new WebSocket(at('/ws/echo'));
  two.addEventListener('open', () => { two.send(new Uint8Array([97, 98, 99])); });
  two.onmessage = async (event) => { console.log('two', await event.data.text()); setTimeout(() => two.close(), 5); };
  two.onclose = () => console.log('two is closed');
  fails('url', () => new WebSocket());
  fails('scheme', () => new WebSocket('http://x/'));
  fails('fragment', () => new WebSocket('ws://x/#y'));
  fails('option', () => new WebSocket('ws://127.0.0.1:1/', null, { colour: 'red' }));
  fails('compression', () => new WebSocket('ws://127.0.0.1:1/', null, { compression: 'br' }));
  const three = new WebSocket(at('/ws/echo'));
  three.onopen = () => {
    fails('code', () => three.close(999));
    fails('reason', () => three.close(1000, 'x'.repeat(124)));
    fails('binary', () => { three.binaryType = 'text'; });
    fails('handler', () => { three.onopen = 5; });
    three.close(3005);
    fails('late', () => three.send('x'));
  };
  three.onclose = (event) => console.log('three', event.code);
  three.onerror = (event) => console.log('three', event.error);
  const blob = new Blob(['hello'], { type: 'text/plain' });
  console.log(blob.size, blob.type, await blob.slice(1, 3).text(), String(blob), (await blob.bytes()).length, (await blob.arrayBuffer()).byteLength);
}
