// The cookies of k6/http (k6 reference, §10.5), kept and sent as RFC 6265 has it; nobody asks the list of public suffixes.

import { mayHaveCookies } from 'gantry:vu';

// Nothing for what is no URL.
function place(url) {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^:/?#]*)[^/?#]*([^?#]*)/i.exec(String(url));
  if (match === null) return undefined;
  return { isSecure: match[1].toLowerCase() === 'https', host: match[2].toLowerCase(), path: match[3] === '' ? '/' : match[3] };
}

function domainMatches(host, domain) {
  return host === domain || (host.endsWith(`.${domain}`) && !/^[\d.]+$/.test(host) && !host.startsWith('['));
}

function pathMatches(path, prefix) {
  return path === prefix || (path.startsWith(prefix) && (prefix.endsWith('/') || path[prefix.length] === '/'));
}

// What k6 shows for no time at all: Go's, in ms since 1970, where that does not fit.
const kNoTime = -6795364578871;

function timeOf(text) {
  const time = Date.parse(text);
  return Number.isNaN(time) ? kNoTime : time;
}

// What one Set-Cookie says, as Response.cookies shows it; nothing for what is none.
export function parseSetCookie(text) {
  const [pair, ...attributes] = text.split(';');
  const at = pair.indexOf('=');
  const name = pair.slice(0, at).trim();
  if (at < 1 || name === '') return undefined;
  const cookie = {
    name, value: pair.slice(at + 1).trim().replace(/^"(.*)"$/, '$1'), domain: '', path: '', http_only: false, secure: false, max_age: 0, expires: kNoTime,
  };
  for (const attribute of attributes) {
    const [key, ...rest] = attribute.split('=');
    const value = rest.join('=').trim();
    switch (key.trim().toLowerCase()) {
      case 'domain': cookie.domain = value.replace(/^\./, '').toLowerCase(); break;
      case 'path': cookie.path = value; break;
      case 'httponly': cookie.http_only = true; break;
      case 'secure': cookie.secure = true; break;
      case 'max-age': if (/^-?\d+$/.test(value)) cookie.max_age = Number(value) > 0 ? Number(value) : -1; break;
      case 'expires': cookie.expires = timeOf(value); break;
    }
  }
  return cookie;
}

export class CookieJar {
  #cookies = [];

  get isEmpty() {
    return this.#cookies.length === 0;
  }

  // By the server at that URL, or by the script: a domain that is none of its own is refused.
  store(url, cookie) {
    const at = place(url);
    if (at === undefined) throw new Error(`invalid URL: ${url}`);
    const { host, path } = at;
    if (cookie.domain !== '' && !domainMatches(host, cookie.domain)) return false;
    const kept = {
      name: cookie.name,
      value: cookie.value,
      domain: cookie.domain === '' ? host : cookie.domain,
      isHostOnly: cookie.domain === '',
      path: cookie.path.startsWith('/') ? cookie.path : path.slice(0, Math.max(1, path.lastIndexOf('/'))),
      isSecure: cookie.secure,
      until: cookie.max_age > 0 ? Date.now() + cookie.max_age * 1000 : cookie.expires !== kNoTime ? cookie.expires : Infinity,
    };
    this.#cookies = this.#cookies.filter((one) => one.name !== kept.name || one.domain !== kept.domain || one.path !== kept.path);
    if (cookie.max_age >= 0 && kept.until > Date.now()) {
      this.#cookies.push(kept);
      mayHaveCookies(true);
    }
    return true;
  }

  // Those that go to a URL, the longest path first.
  sentTo(url) {
    const at = place(url);
    if (at === undefined) return [];
    const { isSecure, host, path } = at;
    const now = Date.now();
    return this.#cookies
      .filter((one) => (one.isHostOnly ? host === one.domain : domainMatches(host, one.domain)))
      .filter((one) => pathMatches(path, one.path) && (isSecure || !one.isSecure) && one.until > now)
      .sort((a, b) => b.path.length - a.path.length);
  }

  reset() {
    this.#cookies = [];
  }

  cookiesForURL(url) {
    const values = {};
    for (const { name, value } of this.sentTo(url)) (values[name] ??= []).push(value);
    return values;
  }

  set(url, name, value, options) {
    const given = options ?? {};
    const expires = given.expires === undefined ? kNoTime : timeOf(given.expires);
    if (given.expires !== undefined && expires === kNoTime) throw new Error(`unable to parse "expires" date string "${given.expires}"`);
    return this.store(url, {
      name: String(name),
      value: String(value ?? ''),
      domain: String(given.domain ?? '').replace(/^\./, '').toLowerCase(),
      path: String(given.path ?? ''),
      secure: Boolean(given.secure),
      max_age: Number(given.max_age ?? 0),
      expires,
    });
  }

  delete(url, name) {
    const gone = this.sentTo(url).filter((one) => one.name === name);
    this.#cookies = this.#cookies.filter((one) => !gone.includes(one));
  }

  clear(url) {
    const gone = this.sentTo(url);
    this.#cookies = this.#cookies.filter((one) => !gone.includes(one));
  }
}
