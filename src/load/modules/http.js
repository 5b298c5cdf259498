// The module k6/http (k6 reference, §10). A plain request is C++'s alone (vu/request.h); what is more than that, a VU evaluates when its
// script first needs it: few do, and there are many VUs.

import { CookieJar } from 'gantry:cookies';
import {
  httpDel, httpGet, httpHead, httpOptions, httpPatch, httpPost, httpPut, httpRequest, loadModule, Response, setHttpHooks,
} from 'gantry:vu';

function more(name) {
  return { [name](...given) { return loadModule('gantry:http-more')[name](...given); } }[name];
}

// HTML is for few scripts, and its parser is large.
function ofHtml(name) {
  return { value(...values) { return loadModule('gantry:html-response')[name](this, ...values); }, writable: true, configurable: true };
}

Object.defineProperties(Response.prototype, { html: ofHtml('html'), submitForm: ofHtml('submitForm'), clickLink: ofHtml('clickLink') });

setHttpHooks({
  request: more('requestInHops'),
  settle: more('settle'),
  json: (...given) => loadModule('gantry:response-json').jsonOf(...given),
});

export const asyncRequest = more('asyncRequest');
export const batch = more('batch');
export const cookieJar = more('cookieJar');
export const expectedStatuses = more('expectedStatuses');
export const file = more('file');
export const setResponseCallback = more('setResponseCallback');
export const url = more('url');

export {
  CookieJar, httpDel as del, httpGet as get, httpHead as head, httpOptions as options, httpPatch as patch, httpPost as post, httpPut as put,
  httpRequest as request, Response,
};

export default {
  asyncRequest, batch, CookieJar, cookieJar, del: httpDel, expectedStatuses, file, get: httpGet, head: httpHead, options: httpOptions, patch: httpPatch,
  post: httpPost, put: httpPut, request: httpRequest, Response, setResponseCallback, url,
};
