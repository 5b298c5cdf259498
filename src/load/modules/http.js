// The module k6/http (k6 reference, §10): what a request is made of, and what its answer looks like. The wire is the client's.

import { isInit, send, warn } from 'gantry:vu';

const kDefaultTimeoutMs = 60_000;
const kRedirects = new Set([301, 302, 303, 307, 308]);
const kResponseTypes = { text: 0, binary: 1, none: 2 };
const kNoParams = {};

// True for 200 to 399, which the engine knows by itself.
let isExpected = true;

export function expectedStatuses(...statuses) {
  for (const status of statuses) {
    const isRange = typeof status === 'object' && Number.isInteger(status?.min) && Number.isInteger(status?.max);
    if (!Number.isInteger(status) && !isRange) {
      throw new TypeError(`expectedStatuses() takes integers and {min, max} of integers, not ${JSON.stringify(status)}`);
    }
  }
  return (status) =>
    statuses.some((one) => (typeof one === 'number' ? one === status : one.min <= status && status <= one.max));
}

export function setResponseCallback(callback) {
  if (callback !== null && typeof callback !== 'function') {
    throw new TypeError('setResponseCallback() takes http.expectedStatuses(…) or null');
  }
  isExpected = callback;
}

// The headers of the answer before; each answer has an object of its own all the same.
let lastHeaders;

export class Response {
  // `answer` as src/load/vu/response.h says.
  constructor(sent, url, answer) {
    const [status, reason, minor, errorCode, error, ip, port, headers, body, blocked, connecting, handshaking, sending, waiting, receiving, tlsVersion, cipher] = answer;
    if (headers !== undefined) lastHeaders = headers;
    this.remote_ip = ip;
    this.remote_port = port;
    this.url = url;
    this.status = status;
    this.status_text = status === 0 ? '' : `${status} ${reason}`;
    this.proto = status === 0 ? '' : `HTTP/1.${minor}`;
    this.headers = { ...lastHeaders };
    this.cookies = {};
    this.body = body;
    this.timings = {
      duration: sending + waiting + receiving, blocked, looking_up: 0, connecting, tls_handshaking: handshaking, sending, waiting, receiving,
    };
    this.tls_version = tlsVersion;
    this.tls_cipher_suite = cipher;
    this.ocsp = {};
    this.error = error;
    this.error_code = errorCode;
    this.request = sent;
  }

  json(path) {
    if (this.body === null) throw new Error('the body is null so we can\'t transform it to JSON - this likely was because of a request error getting the response');
    const whole = JSON.parse(typeof this.body === 'string' ? this.body : bytesToText(this.body));
    return path === undefined ? whole : pick(whole, String(path));
  }
}

// The paths that scripts use: keys and indices with dots between them, `#` for a length or, with more behind it, for each element.
function pick(value, path) {
  const keys = path.split(/(?<!\\)\./).map((key) => key.replace(/\\\./g, '.'));
  for (let i = 0; i < keys.length; ++i) {
    if (value === null || value === undefined) return undefined;
    if (keys[i] === '#' && Array.isArray(value)) {
      if (i + 1 === keys.length) return value.length;
      const rest = keys.slice(i + 1).join('.');
      return value.map((element) => pick(element, rest)).filter((element) => element !== undefined);
    }
    value = Object.hasOwn(Object(value), keys[i]) ? value[keys[i]] : undefined;
  }
  return value;
}

function bytesToText(buffer) {
  let text = '';
  for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
  return decodeURIComponent(escape(text));
}

function canonical(name) {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

function encodeForm(fields) {
  const encode = (text) => encodeURIComponent(text).replace(/%20/g, '+');
  const pairs = [];
  for (const key of Object.keys(fields).sort()) {
    const values = Array.isArray(fields[key]) ? fields[key] : [fields[key]];
    for (const value of values) pairs.push(`${encode(key)}=${encode(value === null ? '' : String(value))}`);
  }
  return pairs.join('&');
}

function prepareBody(body, headers) {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string' || body instanceof ArrayBuffer) return body;
  if (ArrayBuffer.isView(body)) return body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength);
  if (typeof body !== 'object') throw new TypeError(`unknown request body type ${typeof body}`);
  headers['Content-Type'] ??= 'application/x-www-form-urlencoded';
  return encodeForm(body);
}

function timeoutOf(timeout) {
  if (timeout === undefined || timeout === null) return kDefaultTimeoutMs;
  if (typeof timeout === 'number') return timeout;
  const units = { ns: 1e-6, us: 1e-3, 'µs': 1e-3, ms: 1, s: 1e3, m: 60e3, h: 3600e3 };
  let total = 0;
  const rest = String(timeout).replace(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g, (_, number, unit) => {
    total += Number(number) * units[unit];
    return '';
  });
  if (rest === '') return total;
  if (Number.isFinite(Number(rest)) && total === 0) return Number(rest);
  throw new TypeError(`invalid timeout ${JSON.stringify(timeout)}`);
}

// Strings, numbers and booleans, as text (k6 reference, §9.2).
function flatTags(tags) {
  if (tags === undefined || tags === null) return undefined;
  if (typeof tags !== 'object') throw new TypeError('tags must be an object');
  const flat = [];
  for (const name of Object.keys(tags)) {
    const value = tags[name];
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      throw new TypeError(`tag ${name} must be a string, a number or a boolean`);
    }
    flat.push(name, String(value));
  }
  return flat;
}

function flatHeaders(headers) {
  const flat = [];
  for (const name of Object.keys(headers)) flat.push(name, String(headers[name]));
  return flat;
}

export function request(method, target, body, params) {
  if (isInit()) throw new Error('making http requests in the init context is not supported');
  params ??= kNoParams;
  let url = typeof target === 'object' && target !== null ? target.url : String(target);
  const name = typeof target === 'object' && target !== null ? target.name : undefined;
  const headers = {};
  for (const key of Object.keys(params.headers ?? kNoParams)) headers[canonical(key)] = params.headers[key];
  let payload = prepareBody(body, headers);
  const sent = { method: method.toUpperCase(), url, headers, body: payload ?? '', cookies: {} };
  const fields = flatHeaders(headers);
  const tags = flatTags(params.tags);
  const timeout = timeoutOf(params.timeout);
  const type = kResponseTypes[params.responseType ?? 'text'] ?? 0;
  const expected = params.responseCallback === undefined ? isExpected : params.responseCallback;
  let verb = sent.method;
  let left = params.redirects ?? 10;
  for (;;) {
    const answer = send(verb, url, name, tags, fields, payload, timeout, type, expected);
    const response = new Response(sent, url, answer);
    const location = response.status >= 301 && response.status <= 308 ? response.headers.Location : undefined;
    if (location === undefined || !kRedirects.has(response.status) || left <= 0) return response;
    --left;
    url = resolveUrl(location, url);
    if (response.status < 304 && verb !== 'HEAD') {
      verb = 'GET';
      payload = undefined;
    }
  }
}

function resolveUrl(location, base) {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) return location;
  const [, origin, path] = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)([^?#]*)/i.exec(base);
  if (location.startsWith('//')) return origin.slice(0, origin.indexOf(':') + 1) + location;
  if (location.startsWith('/')) return origin + location;
  return origin + path.slice(0, path.lastIndexOf('/') + 1) + location;
}

function withoutBody(method) {
  return (url, params, ...more) => {
    if (more.length > 0) warn(`http.${method.toLowerCase()}() takes no body: its third argument is ignored`);
    return request(method, url, undefined, params);
  };
}

function withBody(method) {
  return (url, body, params) => request(method, url, body, params);
}

export const get = withoutBody('GET');
export const head = withoutBody('HEAD');
export const post = withBody('POST');
export const put = withBody('PUT');
export const patch = withBody('PATCH');
export const del = withBody('DELETE');
export const options = withBody('OPTIONS');

// Requests of a list or an object, answered in the same shape.
export function batch(requests) {
  const one = (entry) => {
    if (typeof entry === 'string' || entry?.name !== undefined && entry?.method === undefined && entry?.params === undefined) {
      return request('GET', entry);
    }
    if (Array.isArray(entry)) return request(entry[0], entry[1], entry[2], entry[3]);
    return request(entry.method ?? 'GET', entry.url, entry.body, entry.params);
  };
  if (Array.isArray(requests)) return requests.map(one);
  return Object.fromEntries(Object.entries(requests).map(([key, entry]) => [key, one(entry)]));
}

export function url(parts, ...values) {
  let filled = parts[0];
  for (let i = 0; i < values.length; ++i) filled += String(values[i]) + parts[i + 1];
  return { url: filled, name: parts.join('${}'), toString: () => filled };
}

export default {
  batch, del, expectedStatuses, get, head, options, patch, post, put, request, Response, setResponseCallback, url,
};
