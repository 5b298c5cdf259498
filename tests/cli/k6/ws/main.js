import ws from 'k6/ws';
import { check } from 'k6';
// counts: vary
export const options = { thresholds: { ws_msgs_sent: ['count>0'], ws_ping: [], 'ws_sessions{status:101}': ['count>=4'], ws_connecting: [], ws_session_duration: [] } };
const at = (path) => __ENV.AT.replace('http', 'ws') + path;
const tell = (name, answer) => console.log(name, answer.status, answer.url.replace(/.*:[0-9]+/, ''), answer.body, answer.error, answer.headers.Upgrade ?? answer.headers['Content-Type'] ?? '');

export default () => {
  tell('echo', ws.connect(at('/ws/echo'), { headers: { 'X-Custom': 'mine' }, tags: { kind: 'x' } }, (socket) => {
    const seen = [];
    socket.on('open', () => { seen.push('open'); socket.send('hello'); });
    socket.on('message', (text) => { seen.push(text); if (text === 'hello') socket.sendBinary(new Uint8Array([1, 2, 3]).buffer); });
    socket.on('message', (text) => seen.push('again ' + text));
    socket.on('binaryMessage', (data) => { seen.push(Array.from(new Uint8Array(data)).join()); socket.ping(); });
    socket.on('pong', () => { seen.push('pong'); socket.setTimeout(() => socket.close(), 5); });
    socket.on('close', (code) => { console.log(seen.join(' '), 'close', code); });
    socket.on('error', (error) => console.log('error', error.error()));
  }));
  tell('interval', ws.connect(at('/ws/echo'), (socket) => {
    let count = 0;
    socket.setInterval(() => { socket.send(String(++count)); if (count === 3) socket.close(1000); }, 3);
    socket.on('close', (code) => console.log('after', count, code));
  }));
  tell('long', ws.connect(at('/ws/echo'), (socket) => {
    socket.on('open', () => socket.send('x'.repeat(70000)));
    socket.on('message', (text) => { console.log(text.length); socket.close(3001); });
  }));
  // Who said goodbye first, and how.
  for (const code of [1000, 1001, 1008, 3001]) {
    tell('closed ' + code, ws.connect(at('/ws/close/' + code), (socket) => {
      socket.on('open', () => socket.send('go'));
      socket.on('error', (error) => console.log('error', error.error(), String(error)));
      socket.on('close', (got) => console.log('close', got));
    }));
  }
  tell('refused', ws.connect(at('/ws/refuse'), () => console.log('never')));
  tell('no websocket', ws.connect(at('/tell'), () => console.log('never')));
  const gone = ws.connect('ws://127.0.0.1:1/', () => console.log('never'));
  console.log('gone', gone.status, gone.error, gone.body, gone.url);
  console.log('scheme', ws.connect('ftp://127.0.0.1/', () => {}).error);
  console.log('header', ws.connect(at('/ws/echo'), { headers: { Upgrade: 'x' } }, () => {}).error);
  const fails = (name, call) => { try { call(); console.log(name, 'works'); } catch (error) { console.log(name, String(error).replace('GoError: ', 'Error: ')); } };
  fails('no function', () => ws.connect(at('/ws/echo'), {}));
  fails('no arguments', () => ws.connect(at('/ws/echo')));
  fails('compression', () => ws.connect(at('/ws/echo'), { compression: 'br' }, () => {}));
  fails('timeout 0', () => ws.connect(at('/ws/echo'), (socket) => socket.setTimeout(() => {}, 0)));
  fails('binary text', () => ws.connect(at('/ws/echo'), (socket) => socket.sendBinary('text')));
  fails('thrown', () => ws.connect(at('/ws/echo'), (socket) => { socket.on('close', (code) => console.log('close', code)); socket.on('open', () => { throw new Error('mine'); }); }));
  fails('thrown later', () => ws.connect(at('/ws/echo'), (socket) => { socket.setTimeout(() => { throw new Error('late'); }, 1); }));
  check(1, { done: () => true });
};
