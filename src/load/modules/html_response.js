// What answers of k6/http do with HTML (k6 reference, §10.4): evaluated when a script first asks for it.

import { bytesToText } from 'gantry:bytes';
import { resolveUrl } from 'gantry:url-reference';
import http from 'k6/http';
import { parseHTML } from 'k6/html';

export function html(response, selector) {
  const { body } = response;
  if (body === null) throw new Error("the body is null so we can't transform it to HTML - this likely was because of a request error getting the response");
  const whole = parseHTML(typeof body === 'string' ? body : bytesToText(new Uint8Array(body)), response.url);
  return selector === undefined ? whole : whole.find(selector);
}

const encode = (text) => encodeURIComponent(text).replace(/%20/g, '+');

// Sends a form as its page says, with other values where they are given.
export function submitForm(response, { formSelector = 'form', submitSelector = '[type="submit"]', fields, params } = {}) {
  const form = html(response, formSelector);
  if (form.size() === 0) throw new Error(`no form found for selector '${formSelector}' in response '${response.url}'`);
  const method = (form.attr('method') ?? 'GET').toUpperCase();
  const values = form.serializeObject();
  const submit = form.find(submitSelector);
  if (submit.attr('name') !== undefined && submit.val() !== undefined) values[submit.attr('name')] = submit.val();
  Object.assign(values, fields);
  const url = resolveUrl(form.attr('action') ?? '', response.url);
  if (method !== 'GET') return http.request(method, String(url), values, params);
  url.query = Object.keys(values).sort().map((name) => `${encode(name)}=${encode(String(values[name]))}`).join('&');
  return http.request('GET', String(url), null, params);
}

export function clickLink(response, { selector = 'a[href]', params } = {}) {
  const link = html(response, selector);
  if (link.size() === 0) throw new Error(`no element found for selector '${selector}' in response '${response.url}'`);
  const href = link.attr('href');
  if (href === undefined) throw new Error(`no valid href attribute value found on element '${selector}' in response '${response.url}'`);
  return http.request('GET', String(resolveUrl(href, response.url)), undefined, params);
}
