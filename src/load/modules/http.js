// The module k6/http (k6 reference, §10), as far as a plain request does not need it: that one is C++'s alone (vu/request.h).

import { bytesToText } from 'gantry:bytes';
import { CookieJar, parseSetCookie } from 'gantry:cookies';
import { pick } from 'gantry:gjson';
import { encodeMultipart, file, hasFile } from 'gantry:multipart';
import {
  expectStatuses, givenCookies, httpDel, httpGet, httpHead, httpOptions, httpPatch, httpPost, httpPut, httpRequest, isInit, loadModule, mayHaveCookies,
  requestOptions, Response, send, setHttpHooks, warn,
} from 'gantry:vu';
import { b64encode } from 'k6/encoding';

const kDefaultTimeoutMs = 60_000;
const kRedirects = new Set([301, 302, 303, 307, 308]);
const kResponseTypes = { text: 0, binary: 1, none: 2 };
const kNoParams = {};
const kNoCookies = [];

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
  expectStatuses(callback);
}

// What C++ leaves to do of Response.json().
function jsonOf(response, path) {
  const { body } = response;
  if (body === null) throw new Error('the body is null so we can\'t transform it to JSON - this likely was because of a request error getting the response');
  if (path !== undefined && typeof body === 'string') return pick(response.json(), String(path));
  const value = parseJson(typeof body === 'string' ? body : bytesToText(new Uint8Array(body)));
  return path === undefined ? value : pick(value, String(path));
}

// HTML is for few scripts, and its parser is large.
function ofHtml(name) {
  return { value(...values) { return loadModule('gantry:html-response')[name](this, ...values); }, writable: true, configurable: true };
}

Object.defineProperties(Response.prototype, { html: ofHtml('html'), submitForm: ofHtml('submitForm'), clickLink: ofHtml('clickLink') });

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    const at = / at position (\d+)/.exec(error.message);
    if (at === null) throw error;
    const before = text.slice(0, Number(at[1])).split('\n');
    throw new SyntaxError(`cannot parse json due to an error at line ${before.length}, character ${before.at(-1).length + 1}: ${error.message}`);
  }
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
  if (!hasFile(body)) {
    headers['Content-Type'] ??= 'application/x-www-form-urlencoded';
    return encodeForm(body);
  }
  const { bytes, contentType } = encodeMultipart(body);
  headers['Content-Type'] ??= contentType;
  return bytes;
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

// The VU's own jar: empty again in every iteration, unless the script wants to keep it.
const jarOfVu = new CookieJar();
let jarIteration;

export function cookieJar() {
  if (isInit()) throw new Error('cookieJar() is not available in the init context: call it in the function of a VU');
  if (!jarOfVu.isEmpty && jarIteration !== __ITER && ownOptions().resetsCookies) jarOfVu.reset();
  jarIteration = __ITER;
  return jarOfVu;
}

// What the script's options say; they are not known yet when a module is evaluated.
let defaults;
function ownOptions() {
  return (defaults ??= requestOptions());
}

// What goes to a URL: the jar's, and those of the request, which stand beside them unless they replace them.
function cookiesFor(url, jar, given) {
  const sent = jar.sentTo(url).map(({ name, value }) => ({ name, value, replace: false }));
  for (const [name, cookie] of Object.entries(given ?? kNoParams)) {
    const isObject = typeof cookie === 'object' && cookie !== null;
    const one = { name, value: String(isObject ? cookie.value : cookie), replace: Boolean(isObject && cookie.replace) };
    for (let i = sent.length - 1; one.replace && i >= 0; --i) if (sent[i].name === name) sent.splice(i, 1);
    sent.push(one);
  }
  return sent;
}

// By name; there may be more than one.
function groupCookies(cookies) {
  const byName = {};
  for (const cookie of cookies) (byName[cookie.name] ??= []).push(cookie);
  return byName;
}

function hostOf(url) {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]*)/i.exec(url)?.[1].toLowerCase();
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

// A URL's user and password become a header, and what is told of the request does not have them.
function takeCredentials(url, headers, auth) {
  if (auth !== undefined && auth !== 'basic') throw new Error(`auth ${JSON.stringify(auth)} is not there yet: only basic is`);
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#@]*)@/i.exec(url);
  if (match === null) return { url, name: undefined };
  const [whole, scheme, user] = match;
  headers.Authorization ??= `Basic ${b64encode(decodeURIComponent(user.includes(':') ? user : `${user}:`))}`;
  const rest = url.slice(whole.length);
  return { url: scheme + rest, name: `${scheme}****:****@${rest}` };
}

// What every hop of a request has in common.
function prepare(method, target, body, params) {
  const isTarget = typeof target === 'object' && target !== null;
  const headers = {};
  for (const key of Object.keys(params.headers ?? kNoParams)) headers[canonical(key)] = params.headers[key];
  const { url, name } = takeCredentials(isTarget ? String(target.url) : String(target), headers, params.auth);
  return {
    url,
    name: isTarget && target.name !== undefined ? target.name : name,
    verb: method.toUpperCase(),
    headers,
    payload: prepareBody(body, headers),
    tags: flatTags(params.tags),
    timeout: timeoutOf(params.timeout),
    type: kResponseTypes[params.responseType ?? (ownOptions().discardsBodies ? 'none' : 'text')] ?? 0,
    expected: params.responseCallback === undefined ? isExpected : params.responseCallback,
    jar: params.jar ?? cookieJar(),
  };
}

// One hop; the first of a request is what Response.request shows.
function sendHop(hop, params, first) {
  const cookies = hop.jar.isEmpty && params.cookies === undefined ? kNoCookies : cookiesFor(hop.url, hop.jar, params.cookies);
  const fields = flatHeaders(hop.headers);
  if (cookies.length > 0) {
    const text = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const at = fields.indexOf('Cookie');
    if (at >= 0 && at % 2 === 0) fields[at + 1] += `; ${text}`;
    else fields.push('Cookie', text);
  }
  const response = send(hop.verb, hop.url, hop.name, hop.tags, fields, hop.payload, hop.timeout, hop.type, hop.expected);
  response.request = first ?? { method: hop.verb, url: hop.url, headers: hop.headers, body: hop.payload ?? '', cookies: groupCookies(cookies) };
  keepCookies(hop, response);
  return response;
}

function keepCookies(hop, response) {
  const texts = givenCookies(response);
  if (texts === undefined) return;
  const given = texts.map(parseSetCookie).filter((cookie) => cookie !== undefined);
  for (const cookie of given) hop.jar.store(hop.url, cookie);
  response.cookies = groupCookies(given);
}

// Where a redirect leads. What says who somebody is goes to no other host than it was meant for.
function follow(hop, response, location) {
  const url = resolveUrl(location, hop.url);
  if (hostOf(url) !== hostOf(hop.url)) {
    hop.headers = { ...hop.headers };
    delete hop.headers.Authorization;
    delete hop.headers.Cookie;
    delete hop.headers.Host;
  }
  hop.url = url;
  if (response.status < 304 && hop.verb !== 'HEAD') {
    hop.verb = 'GET';
    hop.payload = undefined;
  }
}

// A request that is more than a plain one.
function requestInHops(method, target, body, params) {
  if (isInit()) throw new Error('making http requests in the init context is not supported');
  params ??= kNoParams;
  const hop = prepare(method, target, body, params);
  if (jarOfVu.isEmpty) mayHaveCookies(false);
  const begun = Date.now();
  return followAll(hop, params, sendHop(hop, params), begun);
}

// What is left to do of a request whose first hop is back.
function settle(response, method, target, body, params) {
  params ??= kNoParams;
  const hop = prepare(method, target, body, params);
  keepCookies(hop, response);
  return followAll(hop, params, response, Date.now() - response.timings.duration);
}

function followAll(hop, params, response, begun) {
  const most = params.redirects ?? ownOptions().redirects;
  const wholeTimeout = hop.timeout;
  for (let left = most; ; --left) {
    const location = response.status >= 301 && response.status <= 308 ? response.headers.Location : undefined;
    if (location === undefined || !kRedirects.has(response.status) || most <= 0) break;
    if (left <= 0) {
      if (params.redirects === undefined) warn(`stopped after ${most} redirects: the last answer is one itself`);
      break;
    }
    follow(hop, response, location);
    hop.timeout = Math.max(0, wholeTimeout - (Date.now() - begun));
    response = sendHop(hop, params, response.request);
  }
  if (response.status === 0 && (params.throw ?? ownOptions().throws)) throw new Error(response.error);
  return response;
}

setHttpHooks({ request: requestInHops, settle, json: jsonOf });

// Settles at once: a VU waits for its answer, as with request().
export async function asyncRequest(method, target, body, params) {
  return httpRequest(method, target, body, params);
}

function resolveUrl(location, base) {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) return location;
  const [, origin, path] = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)([^?#]*)/i.exec(base);
  if (location.startsWith('//')) return origin.slice(0, origin.indexOf(':') + 1) + location;
  if (location.startsWith('/')) return origin + location;
  return origin + path.slice(0, path.lastIndexOf('/') + 1) + location;
}

// Requests of a list or an object, answered in the same shape.
export function batch(requests) {
  const one = (entry) => {
    if (typeof entry === 'string' || entry?.name !== undefined && entry?.method === undefined && entry?.params === undefined) {
      return httpGet(entry);
    }
    if (Array.isArray(entry)) return httpRequest(entry[0], entry[1], entry[2], entry[3]);
    return httpRequest(entry.method ?? 'GET', entry.url, entry.body, entry.params);
  };
  if (Array.isArray(requests)) return requests.map(one);
  return Object.fromEntries(Object.entries(requests).map(([key, entry]) => [key, one(entry)]));
}

export function url(parts, ...values) {
  let filled = parts[0];
  for (let i = 0; i < values.length; ++i) filled += String(values[i]) + parts[i + 1];
  return { url: filled, name: parts.join('${}'), toString: () => filled };
}

export {
  CookieJar, file, httpDel as del, httpGet as get, httpHead as head, httpOptions as options, httpPatch as patch, httpPost as post, httpPut as put,
  httpRequest as request, Response,
};

export default {
  asyncRequest, batch, CookieJar, cookieJar, del: httpDel, expectedStatuses, file, get: httpGet, head: httpHead, options: httpOptions, patch: httpPatch,
  post: httpPost, put: httpPut, request: httpRequest, Response, setResponseCallback, url,
};
