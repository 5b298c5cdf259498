// What scripts import as https://jslib.k6.io/httpx/…/index.js: a session, whose requests share a base URL, headers and tags.

import http from 'k6/http';

const kMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'];

export class Request {
  constructor(method, url, body, params = {}) {
    Object.assign(this, { method, url, body, params });
  }
}

function requestOf(method) {
  return class extends Request {
    constructor(url, body, params) {
      super(method, url, body, params);
    }
  };
}

export const Get = requestOf('GET');
export const Post = requestOf('POST');
export const Put = requestOf('PUT');
export const Patch = requestOf('PATCH');
export const Delete = requestOf('DELETE');
export const Options = requestOf('OPTIONS');
export const Head = requestOf('HEAD');

export class Httpx {
  constructor({ baseURL = '', headers = {}, tags = {}, timeout = 20000, params = {} } = {}) {
    Object.assign(this, { baseURL, headers: { ...headers }, tags: { ...tags }, timeout, params });
  }

  setBaseUrl(url) { this.baseURL = url; }

  addHeader(name, value) { this.headers[name] = value; }
  addHeaders(headers) { Object.assign(this.headers, headers); }
  removeHeader(name) { delete this.headers[name]; }
  clearHeader(name) { this.removeHeader(name); }
  clearHeaders() { this.headers = {}; }

  addTag(name, value) { this.tags[name] = value; }
  addTags(tags) { Object.assign(this.tags, tags); }
  removeTag(name) { delete this.tags[name]; }
  clearTags() { this.tags = {}; }

  request(method, url, body, params) {
    return http.request(method, this.#url(url), body, this.#params(params));
  }
  asyncRequest(method, url, body, params) {
    return http.asyncRequest(method, this.#url(url), body, this.#params(params));
  }

  // Of requests, in the order of their answers; what `params` says holds for each that does not say it itself.
  batch(requests, params = {}) {
    return http.batch(requests.map(({ method, url, body, params: own }) => [method, this.#url(url), body, this.#params({ ...params, ...own })]));
  }

  #url(url) {
    const isTagged = typeof url === 'object' && url !== null;
    const text = String(isTagged ? url.url : url);
    const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : this.baseURL + text;
    return isTagged ? { ...url, url: whole } : whole;
  }
  #params(params) {
    const own = params ?? {};
    return {
      timeout: this.timeout, ...this.params, ...own,
      headers: { ...this.headers, ...own.headers },
      tags: { ...this.tags, ...own.tags },
    };
  }
}

// session.get(url, body, params) and its like; asyncGet() too.
for (const method of kMethods) {
  const name = method.toLowerCase();
  Httpx.prototype[name] = function send(url, body, params) { return this.request(method, url, body, params); };
  Httpx.prototype[`async${method[0]}${name.slice(1)}`] = function send(url, body, params) { return this.asyncRequest(method, url, body, params); };
}
Httpx.prototype.del = Httpx.prototype.delete;

export default new Httpx();
