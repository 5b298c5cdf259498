// Requests that are journeys, of the module k6/http (http.js): of more than one hop, many at once, and such as go on while the script does;
// and what else of that module only some scripts need.

import { cookieJar, goError, goType, goValue, hopsOf, moreHopsOf, ownOptions, prepare, refusalCode, refuse, Target } from 'gantry:hops';
import { expectLanding } from 'gantry:loop';
import { file } from 'gantry:multipart';
import { expectStatuses, failedResponse, failureOf, isInit, landed, launch, makeExpected, readyHop, readyRequest, send, warn } from 'gantry:vu';

export function expectedStatuses(...statuses) {
  if (statuses.length === 0) throw goError('no arguments');
  const bounds = statuses.flatMap((status, i) => {
    if (Number.isInteger(status)) return [status, status];
    if (status === null || status === undefined) throw new TypeError('Cannot convert undefined or null to object');
    const { min, max } = status;
    if (min === undefined || max === undefined) {
      throw goError(`argument number ${i + 1} to expectedStatuses was neither an integer nor an object like {min:100, max:329}`);
    }
    if (!Number.isInteger(min) || !Number.isInteger(max)) throw goError(`both min and max need to be integers for argument number ${i + 1}`);
    return [min, max];
  });
  return makeExpected(bounds);
}

export function setResponseCallback(...given) {
  if (!expectStatuses(given.length === 0 ? null : given[0])) throw goError('unsupported argument, expected http.expectedStatuses');
}

// The answer to what cannot be asked for, unless the script wants it thrown.
function answerRefusal(error) {
  const code = refusalCode(error);
  if (code === undefined || ownOptions().throws) throw error;
  warn(`Request Failed: ${error.message}`);
  return failedResponse(error.message, code);
}

// The answer, or what is to be thrown in its place.
function judge(request, response) {
  if (response.status === 101) throw goError('unsupported response status: 101 Switching Protocols');
  if (response.status === 0 && request.throws) throw goError(failureOf(response));
  return response;
}

function sendAll(request, hops) {
  let step = hops.next();
  while (!step.done) step = hops.next(send(step.value));
  return judge(request, step.value);
}

// A request that is more than a plain one.
export function requestInHops(method, target, body, params) {
  let request;
  try {
    request = prepare(method, target, body, params);
  } catch (error) {
    return answerRefusal(error);
  }
  return sendAll(request, hopsOf(request));
}

// What is left to do of a request whose first hop is back.
export function settle(response, method, target, body, params) {
  const request = prepare(method, target, body, params);
  return sendAll(request, moreHopsOf(request, response));
}

// A request that goes on while the script does. Each of its hops is a flight: it is ready, launched, and lands.
class Journey {
  constructor(asked) {
    this.asked = asked; // the arguments of request()
    this.flight = readyRequest(...asked);
    if (this.flight === undefined) {
      this.request = prepare(...asked);
      this.hops = hopsOf(this.request);
      this.flight = readyHop(this.hops.next().value);
    }
  }

  // Whether there is another hop; else there is an answer or an error.
  land(response, goesOn, throws) {
    try {
      if (this.hops === undefined) {
        if (!goesOn) {
          this.answer = judge({ throws }, response);
          return false;
        }
        this.request = prepare(...this.asked);
        this.hops = moreHopsOf(this.request, response);
        response = undefined;
      }
      const step = this.hops.next(response);
      if (!step.done) {
        this.flight = readyHop(step.value);
        return true;
      }
      this.answer = judge(this.request, step.value);
    } catch (error) {
      this.error = error;
    }
    return false;
  }
}

const kOfPromises = 0;

export function asyncRequest(method, target, body, params) {
  if (isInit()) throw new Error('Making http requests in the init context is not supported');
  return new Promise((resolve, reject) => {
    let journey;
    try {
      journey = new Journey([String(method), target, body, params]);
    } catch (error) {
      resolve(answerRefusal(error));
      return;
    }
    const launchIt = () => {
      launch(journey.flight, kOfPromises);
      expectLanding(journey.flight, (...landing) => {
        if (journey.land(...landing)) launchIt();
        else if (journey.error !== undefined) reject(journey.error);
        else resolve(journey.answer);
      });
    };
    launchIt();
  });
}

// What one entry of a batch asks for.
function readEntry(key, entry) {
  if (Array.isArray(entry)) {
    if (entry.length < 2) throw refuse(`invalid batch request '[]interface {}{${entry.map((value) => JSON.stringify(value)).join(', ')}}'`);
    if (typeof entry[0] !== 'string') throw refuse(`invalid method type '${goValue(entry[0])}'`);
    return [entry[0], entry[1], entry[2], entry[3]];
  }
  if (typeof entry !== 'object' || entry === null || entry instanceof Target) return ['GET', entry, undefined, undefined];
  if (!('url' in entry)) throw refuse(`batch request ${key} doesn't have a url key`);
  if (entry.method !== undefined && typeof entry.method !== 'string') throw refuse(`invalid method type '${goValue(entry.method)}'`);
  const method = (entry.method ?? 'GET').toUpperCase();
  // A GET that says so has no body; one that says nothing may have, as in k6.
  const hasNoBody = entry.method !== undefined && (method === 'GET' || method === 'HEAD');
  return [method, entry.url, hasNoBody ? undefined : entry.body, entry.params];
}

let lastGroup = kOfPromises;

// Lets them go, so many at a time, and so many to one host: in their order, and one that its host has no room for keeps its place.
function travelAll(journeys) {
  const { batch: most, batchPerHost: mostPerHost } = ownOptions();
  const group = ++lastGroup;
  const under = new Map(); // journeys under way, by flight
  const hosts = new Map();
  let next = 0;
  const launchIt = (journey) => {
    under.set(journey.flight, journey);
    launch(journey.flight, group);
  };
  const board = (journey) => {
    const name = hostOf(journey.asked[1]);
    if (!hosts.has(name)) hosts.set(name, { busy: 0, waiting: [] });
    const host = (journey.host = hosts.get(name));
    if (host.busy === mostPerHost) {
      host.waiting.push(journey);
    } else {
      host.busy += 1;
      launchIt(journey);
    }
  };
  while (next < Math.min(most, journeys.length)) board(journeys[next++]);
  while (under.size > 0) {
    const [flight, ...landing] = landed(group);
    const journey = under.get(flight);
    under.delete(flight);
    if (journey.land(...landing)) {
      launchIt(journey);
      continue;
    }
    const { host } = journey;
    if (host.waiting.length > 0) launchIt(host.waiting.shift());
    else host.busy -= 1;
    if (next < journeys.length) board(journeys[next++]);
  }
}

function hostOf(target) {
  return /^[^/]*\/\/([^/?#]*)/.exec(String(target))?.[1].toLowerCase();
}

// What a malformed entry leaves: nothing was sent.
function breakOff(error, keys, journeys, isList) {
  const code = refusalCode(error);
  if (code === undefined || ownOptions().throws) throw error;
  warn(`A batch request failed: ${error.message}`);
  const results = isList ? keys.map(() => null) : {};
  journeys.forEach((_, i) => { results[keys[i]] = failedResponse('', 0); });
  results[keys[journeys.length]] = failedResponse(error.message, code);
  return results;
}

// Requests of a list or an object, answered in the same shape.
export function batch(...given) {
  if (isInit()) throw new Error('Using batch in the init context is not supported');
  if (given.length === 0) throw goError('no argument was provided to http.batch()');
  if (given.length > 1) throw goError('http.batch() accepts only an array or an object of requests');
  const [entries] = given;
  const isList = Array.isArray(entries);
  if (typeof entries !== 'object' || entries === null) throw goError(`invalid http.batch() argument type ${goType(entries)}`);
  const keys = isList ? entries.map((_, i) => i) : Object.keys(entries);
  const journeys = [];
  try {
    for (const key of keys) journeys.push(new Journey(readEntry(key, entries[key])));
  } catch (error) {
    return breakOff(error, keys, journeys, isList);
  }
  travelAll(journeys);
  const failed = journeys.find((journey) => journey.error !== undefined);
  if (failed !== undefined) throw failed.error;
  const answers = journeys.map((journey) => journey.answer);
  return isList ? answers : Object.fromEntries(keys.map((key, i) => [key, answers[i]]));
}

export function url(parts, ...values) {
  let filled = parts[0];
  for (let i = 0; i < values.length; ++i) filled += String(values[i]) + parts[i + 1];
  return new Target(filled, parts.join('${}'));
}

export { cookieJar, file };
