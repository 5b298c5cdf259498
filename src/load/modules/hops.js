// Requests that are more than a plain one (k6 reference, §10): forms, cookies, credentials, redirects. A request is a generator of its hops: it
// yields what is to be sent next and gets the answer, so that it does not matter whether anybody waits for that.

import { CookieJar, parseSetCookie } from 'gantry:cookies';
import { answerDigest, answerNtlm, ntlmScheme, openNtlm } from 'gantry:credentials';
import { encodeMultipart, hasFile } from 'gantry:multipart';
import { resolveUrl } from 'gantry:url-reference';
import { checkUrl, compressed, expect401, givenCookies, isInit, mayHaveCookies, readParams, requestOptions, warn } from 'gantry:vu';
import { b64encode } from 'k6/encoding';

const kRedirects = new Set([301, 302, 303, 307, 308]);
// Of them, where neither the script nor a flag says how many; then one that is not followed is worth a word.
const kRedirectsUsual = 10;
const kNoParams = {};
const kNoCookies = [];

// As k6's own errors are called.
export function goError(text) {
  const error = new Error(text);
  Object.defineProperty(error, 'name', { value: 'GoError', configurable: true, writable: true });
  return error;
}

// What is wrong with how a request is asked for: nothing is sent then.
const kRefusals = new WeakMap();
export function refuse(text, code = 0) {
  const error = goError(text);
  kRefusals.set(error, code);
  return error;
}

// Its number, where the error is one.
export function refusalCode(error) {
  return kRefusals.get(error);
}

// What http.url`…` makes.
export class Target {
  constructor(url, name) {
    this.url = url;
    this.name = name;
  }

  toString() {
    return this.url;
  }
}

// What Go calls a value's type, and how it prints it.
export function goType(value) {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'int64' : 'float64';
  return { string: 'string', boolean: 'bool', function: 'func(sobek.FunctionCall) sobek.Value' }[typeof value] ?? 'map[string]interface {}';
}

export function goValue(value) {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (typeof value === 'object') return `map[${Object.keys(value).sort().map((key) => `${key}:${goValue(value[key])}`).join(' ')}]`;
  return String(value);
}

function canonical(name) {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

function fieldOf(key, value) {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  warn(`the form's field ${key} is an object, which no form has: it is sent without a value`);
  return '';
}

function encodeForm(fields) {
  const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`).replace(/%20/g, '+');
  const pairs = [];
  for (const key of Object.keys(fields).sort()) {
    const values = Array.isArray(fields[key]) ? fields[key] : [fields[key]];
    for (const value of values) pairs.push(`${encode(key)}=${encode(fieldOf(key, value))}`);
  }
  return pairs.join('&');
}

function prepareBody(body, headers) {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string' || body instanceof ArrayBuffer) return body;
  if (ArrayBuffer.isView(body)) return body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength);
  if (typeof body !== 'object' || Array.isArray(body)) throw refuse(`unknown request body type ${goType(body)}`);
  if (!hasFile(body)) {
    headers['Content-Type'] ??= 'application/x-www-form-urlencoded';
    return encodeForm(body);
  }
  const { bytes, contentType } = encodeMultipart(body);
  headers['Content-Type'] ??= contentType;
  return bytes;
}

// As it is sent; the script sees what it gave.
function compress(body, codings, headers) {
  const list = String(codings ?? '').trim();
  if (list === '') return body;
  const coded = compressed(body ?? '', list);
  if (typeof coded === 'string') throw refuse(coded);
  if (body === undefined) return undefined;
  const named = list.split(',').map((one) => one.trim()).join(', ');
  if (headers['Content-Encoding'] !== undefined && headers['Content-Encoding'] !== named) {
    warn(`the header Content-Encoding is not that of the compression ${named}: the header is kept, and the body is compressed`);
  }
  headers['Content-Encoding'] ??= named;
  return coded;
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
export function ownOptions() {
  return (defaults ??= requestOptions());
}

// What Go's client makes of a cookie's value.
function cookiePair(name, value) {
  const sent = value.replace(/[^ -~]|[";\\]/g, '');
  if (sent !== value) warn(`the value of the cookie ${name} is sent without those of its characters that no cookie has`);
  return `${name}=${/[ ,]/.test(sent) ? `"${sent}"` : sent}`;
}

// What goes to a URL: those of the request, then the jar's, which they stand beside unless they replace them.
function cookiesFor(url, jar, given) {
  const sent = [];
  const replaced = new Set();
  for (const [name, cookie] of Object.entries(given ?? kNoParams)) {
    if (cookie === null || cookie === undefined) continue;
    const isObject = typeof cookie === 'object';
    sent.push(cookiePair(name, String(isObject ? cookie.value ?? '' : cookie)));
    if (isObject && cookie.replace) replaced.add(name);
  }
  for (const { name, value } of jar.sentTo(url)) if (!replaced.has(name)) sent.push(cookiePair(name, value));
  return sent;
}

// By name; there may be more than one.
function groupCookies(cookies) {
  const byName = {};
  for (const cookie of cookies) (byName[cookie.name] ??= []).push(cookie);
  return byName;
}

// Without its port.
function hostOf(url) {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)/i.exec(url)?.[1].toLowerCase();
}

function unescaped(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// A URL's user and password become a header, and what is told of the request does not have them.
function takeCredentials(url) {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#@]*)@/i.exec(url);
  if (match === null) return { url, name: undefined, user: '', password: '', authorization: undefined };
  const [whole, scheme, credentials] = match;
  const colon = credentials.includes(':') ? credentials.indexOf(':') : credentials.length;
  const user = unescaped(credentials.slice(0, colon));
  const password = unescaped(credentials.slice(colon + 1));
  const rest = url.slice(whole.length);
  return {
    url: scheme + rest, name: `${scheme}${credentials.includes(':') ? '****:****' : '****'}@${rest}`, user, password,
    authorization: `Basic ${b64encode(`${user}:${password}`)}`,
  };
}

// What every hop of a request has in common. Throws what refuse() makes where nothing can be sent.
export function prepare(method, target, body, given) {
  if (isInit()) throw new Error('Making http requests in the init context is not supported');
  const isTarget = target instanceof Target;
  if (!isTarget && typeof target !== 'string') throw refuse(`invalid URL: '#${goValue(target)}'`, 1020);
  const whole = String(target);
  const wrong = checkUrl(whole);
  if (wrong !== undefined) throw refuse(`invalid URL: ${wrong}`, 1020);
  const params = typeof given === 'object' && given !== null ? given : kNoParams;
  const read = readParams(params);
  if (typeof read === 'string') throw refuse(read);
  const { headers } = read;
  const way = kWays[params.auth];
  const plain = prepareBody(body, headers);
  const payload = compress(plain, params.compression, headers);
  const { url, name, user, password, authorization } = takeCredentials(whole);
  return {
    ...read,
    url,
    name: isTarget ? target.name : name,
    isNamed: isTarget,
    authorization: way === undefined ? authorization : undefined,
    verb: method,
    payload,
    plain,
    callback: params.responseCallback,
    cookies: params.cookies,
    jar: params.jar instanceof CookieJar ? params.jar : cookieJar(),
    way,
    user,
    password,
    isUsualLimit: params.redirects === undefined && read.redirects === kRedirectsUsual,
  };
}

function cookiePairs(text) {
  return text.split(';').map((pair) => pair.trim().split('=')).map(([name, ...value]) => ({ name, value: value.join('='), replace: false }));
}

// The arguments of send() for a hop, with its cookies.
function hopOf(request) {
  const headers = { ...request.headers };
  if (request.authorization !== undefined) headers.Authorization ??= request.authorization;
  const cookies = request.jar.isEmpty && request.cookies === undefined ? kNoCookies : cookiesFor(request.url, request.jar, request.cookies);
  if (cookies.length > 0) headers.Cookie = [...(headers.Cookie === undefined ? [] : [headers.Cookie]), ...cookies].join('; ');
  return {
    method: request.verb, url: request.url, name: request.name, tags: request.tags, headers, body: request.payload, timeout: request.timeout,
    type: request.type, callback: request.callback, throws: request.throws,
  };
}

// As Response.request shows what was sent first.
function describe(hop, plain) {
  const headers = {};
  const all = { 'User-Agent': ownOptions().userAgent, ...hop.headers };
  delete all['Content-Length'];
  for (const name of Object.keys(all)) headers[name] = [String(all[name])];
  return {
    method: hop.method, url: hop.url, headers, body: plain ?? '',
    cookies: hop.headers.Cookie === undefined ? {} : groupCookies(cookiePairs(hop.headers.Cookie)),
  };
}

function keepCookies(request, response) {
  const texts = givenCookies(response);
  if (texts === undefined) return;
  const given = texts.map(parseSetCookie).filter((cookie) => cookie !== undefined);
  for (const cookie of given) request.jar.store(request.url, cookie);
  response.cookies = groupCookies(given);
}

// What says who somebody is goes to the host that it was meant for, at any port, and to those below it.
function isWithin(host, home) {
  return host === home || (host !== undefined && host.endsWith(`.${home}`) && !/[:%]/.test(host));
}

// Where a redirect leads, as Go's client goes there. A header Cookie is of the first hop alone: the jar and `cookies` say what the others have.
function follow(request, response, location) {
  const before = request.url;
  const { url, name, authorization } = takeCredentials(String(resolveUrl(location, before)));
  const headers = { ...request.headers };
  request.home ??= hostOf(before);
  request.referer ??= headers.Referer ?? '';
  delete headers.Cookie;
  if (!isWithin(hostOf(url), request.home)) delete headers.Authorization;
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) delete headers.Host;
  if (/^([a-z][a-z0-9+.-]*:)?\/\//i.test(location)) request.authorization = authorization;
  if (/^https:/i.test(before) && !/^https:/i.test(url)) delete headers.Referer;
  else headers.Referer = request.referer || before.replace(/#.*/s, '');
  request.headers = headers;
  request.url = url;
  if (!request.isNamed) request.name = name;
  if (response.status < 304 && request.verb !== 'HEAD') {
    request.verb = 'GET';
    request.payload = undefined;
  }
}

// The same hop once more, with that header.
function* askAgain(request, refused, authorization) {
  const response = yield hopOf({ ...request, headers: { ...request.headers, Authorization: authorization } });
  response.request = refused.request;
  keepCookies(request, response);
  return response;
}

function* answerByDigest(request, refused) {
  const uri = request.url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/#.*/, '');
  const asked = { method: request.verb, uri: uri.startsWith('/') ? uri : `/${uri}`, user: request.user, password: request.password };
  const authorization = answerDigest(refused.headers['Www-Authenticate'], asked);
  return authorization === undefined ? refused : yield* askAgain(request, refused, authorization);
}

// Who has said it once on a connection is known there.
function* answerByNtlm(request, refused) {
  const scheme = ntlmScheme(refused.headers['Www-Authenticate']);
  if (scheme === undefined) return refused;
  const challenge = yield* askAgain(request, refused, `${scheme} ${openNtlm()}`);
  const answer = challenge.status === 401 ? answerNtlm(challenge.headers['Www-Authenticate'], request.user, request.password) : undefined;
  return answer === undefined ? challenge : yield* askAgain(request, challenge, `${scheme} ${answer}`);
}

// What `auth` may be, besides basic.
const kWays = { digest: { answer: answerByDigest, mayBeKnown: false }, ntlm: { answer: answerByNtlm, mayBeKnown: true } };

// The hops of a request, from its first one on.
export function* hopsOf(request) {
  if (jarOfVu.isEmpty) mayHaveCookies(false);
  const begun = Date.now();
  const hop = hopOf(request);
  const { way } = request;
  const first = yield way === undefined ? hop : { ...hop, callback: expect401(hop.callback, way.mayBeKnown) };
  first.request = describe(hop, request.plain);
  keepCookies(request, first);
  const response = way === undefined || first.status !== 401 ? first : yield* way.answer(request, first);
  return yield* followAll(request, response, begun);
}

// From its second one on.
export function* moreHopsOf(request, response) {
  keepCookies(request, response);
  return yield* followAll(request, response, Date.now() - response.timings.duration);
}

function* followAll(request, first, begun) {
  let response = first;
  const whole = request.timeout;
  for (let left = request.redirects; ; --left) {
    const location = kRedirects.has(response.status) ? response.headers.Location : undefined;
    if (!location || request.redirects <= 0) return response;
    if (left <= 0) {
      if (request.isUsualLimit) warn(`stopped after ${request.redirects} redirects: the last answer is one itself`);
      return response;
    }
    follow(request, response, location);
    request.timeout = Math.max(0, whole - (Date.now() - begun));
    const sent = response.request;
    response = yield hopOf(request);
    response.request = sent;
    keepCookies(request, response);
  }
}
