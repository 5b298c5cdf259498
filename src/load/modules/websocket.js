// What k6/ws and k6/websockets have in common (k6 reference, §11.7 and §11.8): what a handshake carries, and what its samples are tagged with.

import { parseSetCookie } from 'gantry:cookies';
import { userAgent, wsOpen, wsRecord, wsTags } from 'gantry:sockets';
import { cookieJar } from 'k6/http';

export const kText = 1;
export const kBinary = 2;
export const kPing = 9;
export const kPong = 10;
// The code that a message is refused with which is longer than one may be (RFC 6455, §7.4.1).
export const kTooBig = 1009;

// Of the handshake itself: a script may not say them as well.
const kOwnHeaders = ['Upgrade', 'Connection', 'Sec-Websocket-Key', 'Sec-Websocket-Version', 'Sec-Websocket-Extensions'];

function canonical(name) {
  return String(name).toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

function flatTags(tags, what) {
  const flat = {};
  if (tags === undefined || tags === null) return flat;
  if (typeof tags !== 'object') throw new Error(`${what}: tags must be an object`);
  for (const [name, value] of Object.entries(tags)) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) throw new Error(`${what}: tag ${name} must be a string, a number or a boolean`);
    flat[name] = String(value);
  }
  return flat;
}

// What both modules take as params: {headers, tags, jar, compression}.
export function readParams(params, what) {
  const given = params ?? {};
  const headers = { 'User-Agent': userAgent() };
  for (const [name, value] of Object.entries(given.headers ?? {})) headers[canonical(name)] = String(value);
  const algorithm = given.compression === undefined || given.compression === null ? '' : String(given.compression).trim();
  if (algorithm !== '' && algorithm !== 'deflate') {
    throw new Error(`unsupported compression algorithm '${algorithm}', supported algorithm is 'deflate'`);
  }
  return { headers, tags: flatTags(given.tags, what), jar: given.jar ?? cookieJar(), deflates: algorithm === 'deflate' };
}

function headerLines(headers, jar, url) {
  const own = kOwnHeaders.find((name) => headers[name] !== undefined);
  if (own !== undefined) return { error: `websocket: duplicate header not allowed: ${own}` };
  const all = { ...headers };
  const cookies = jar.sentTo(url).map(({ name, value }) => `${name}=${value}`);
  if (cookies.length > 0) all.Cookie = [...(all.Cookie === undefined ? [] : [all.Cookie]), ...cookies].join('; ');
  const broken = Object.keys(all).find((name) => !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[\r\n\0]/.test(all[name]));
  if (broken !== undefined) return { error: `the header ${JSON.stringify(broken)} has a line break, or no name` };
  return { lines: Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('') };
}

// Pairs by name, repeated ones joined.
function gather(flat) {
  const headers = {};
  const cookies = [];
  for (let i = 0; i < flat.length; i += 2) {
    const name = canonical(flat[i]);
    headers[name] = headers[name] === undefined ? flat[i + 1] : `${headers[name]}, ${flat[i + 1]}`;
    if (name === 'Set-Cookie') cookies.push(flat[i + 1]);
  }
  return { headers, cookies };
}

// Opens a socket and records the attempt: what wsOpen() has, headers by name, and the tags of all that follows.
export function open(url, params, protocols, tagsOf) {
  const http = url.replace(/^ws/, 'http');
  const { lines, error } = headerLines(params.headers, params.jar, http);
  const answer = error === undefined
    ? wsOpen({ url, headers: lines, protocols, deflates: params.deflates })
    : { status: 0, body: '', error, ip: '', ms: 0, isOpen: false, headers: [] };
  const { headers, cookies } = gather(answer.headers);
  for (const cookie of cookies.map(parseSetCookie)) if (cookie !== undefined) params.jar.store(http, cookie);
  answer.headers = headers;
  answer.protocol = headers['Sec-Websocket-Protocol'] ?? '';
  const system = tagsOf(params.tags);
  if (answer.isOpen) system.ip = answer.ip;
  if (answer.status !== 0) {
    system.status = String(answer.status);
    system.subproto = answer.protocol;
  }
  answer.tags = wsTags(Object.entries(params.tags).flat(), Object.entries(system).flat());
  wsRecord('ws_sessions', 1, answer.tags);
  wsRecord('ws_connecting', answer.ms, answer.tags);
  return answer;
}

// As k6 hands errors of its engine to scripts.
export function toError(text) {
  return { error: () => text, toString: () => text, message: text };
}

// The pings of a socket, and how long their pongs took.
export class Pings {
  #sent = new Map();
  #count = 0;

  next() {
    const id = String(this.#count++);
    this.#sent.set(id, Date.now());
    return id;
  }

  answer(id, tags) {
    const at = this.#sent.get(id);
    if (at === undefined) return false;
    this.#sent.delete(id);
    wsRecord('ws_ping', Date.now() - at, tags);
    return true;
  }
}
