// The module k6/http (k6 reference, §10). A plain request is C++'s alone (vu/request.h); what is more than that, a VU evaluates when its
// script first needs it: few do, and there are many VUs.

import { CookieJar } from 'gantry:cookies';
import {
  httpDel, httpGet, httpHead, httpOptions, httpPatch, httpPost, httpPut, httpRequest, loadModule, Response, setHttpHooks,
} from 'gantry:vu';

let journeys;

function ofJourneys(name) {
  return { [name](...given) { return (journeys ??= loadModule('gantry:http-journeys'))[name](...given); } }[name];
}

// HTML is for few scripts, and its parser is large.
function ofHtml(name) {
  return { value(...values) { return loadModule('gantry:html-response')[name](this, ...values); }, writable: true, configurable: true };
}

Object.defineProperties(Response.prototype, { html: ofHtml('html'), submitForm: ofHtml('submitForm'), clickLink: ofHtml('clickLink') });

let ofJson;

setHttpHooks({
  request: ofJourneys('requestInHops'),
  settle: ofJourneys('settle'),
  json: (...given) => (ofJson ??= loadModule('gantry:response-json')).jsonOf(...given),
});

export const asyncRequest = ofJourneys('asyncRequest');
export const batch = ofJourneys('batch');
export const cookieJar = ofJourneys('cookieJar');
export const expectedStatuses = ofJourneys('expectedStatuses');
export const file = ofJourneys('file');
export const setResponseCallback = ofJourneys('setResponseCallback');
export const url = ofJourneys('url');

// What tlsVersion and Response have, by the names that k6 gives to it.
const tlsVersions = { TLS_1_0: 'tls1.0', TLS_1_1: 'tls1.1', TLS_1_2: 'tls1.2', TLS_1_3: 'tls1.3' };
const ocspStatuses = ['good', 'revoked', 'server_failed', 'unknown'];
const ocspReasons = [
  'unspecified', 'key_compromise', 'ca_compromise', 'affiliation_changed', 'superseded', 'cessation_of_operation', 'certificate_hold', 'remove_from_crl',
  'privilege_withdrawn', 'aa_compromise',
];
const named = (prefix, values) => Object.fromEntries(values.map((value) => [prefix + value.toUpperCase(), value]));
const constants = { ...tlsVersions, ...named('OCSP_STATUS_', ocspStatuses), ...named('OCSP_REASON_', ocspReasons) };

export const {
  TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3, OCSP_STATUS_GOOD, OCSP_STATUS_REVOKED, OCSP_STATUS_SERVER_FAILED, OCSP_STATUS_UNKNOWN, OCSP_REASON_UNSPECIFIED,
  OCSP_REASON_KEY_COMPROMISE, OCSP_REASON_CA_COMPROMISE, OCSP_REASON_AFFILIATION_CHANGED, OCSP_REASON_SUPERSEDED, OCSP_REASON_CESSATION_OF_OPERATION,
  OCSP_REASON_CERTIFICATE_HOLD, OCSP_REASON_REMOVE_FROM_CRL, OCSP_REASON_PRIVILEGE_WITHDRAWN, OCSP_REASON_AA_COMPROMISE,
} = constants;

export {
  CookieJar, httpDel as del, httpGet as get, httpHead as head, httpOptions as options, httpPatch as patch, httpPost as post, httpPut as put,
  httpRequest as request, Response,
};

export default {
  ...constants,
  asyncRequest, batch, CookieJar, cookieJar, del: httpDel, expectedStatuses, file, get: httpGet, head: httpHead, options: httpOptions, patch: httpPatch,
  post: httpPost, put: httpPut, request: httpRequest, Response, setResponseCallback, url,
};
