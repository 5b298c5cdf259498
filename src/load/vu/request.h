#pragma once

// The requests of a script: k6/http's functions. A plain one never leaves C++; what is uncommon (cookies, credentials, redirects,
// forms) goes the way of modules/http_journeys.js, hop by hop through send().

#include "load/vu/natives.h"

#include <span>

namespace gantry::load {

// httpGet, httpHead, httpPost, httpPut, httpPatch, httpDel, httpOptions and httpRequest are those functions of k6/http. For modules/http_journeys.js:
//   send(hop) sends one hop (asked.h) and gives a Response, whose `request` and `cookies` it fills in. readyHop(hop) makes it ready as a flight
//     (flights.h); readyRequest(method, url, body, params) a whole request, if it is a plain one. launch(flight, group) sends it, and landed(group,
//     most ms) waits for the next one: [flight, response, whether there is more to it, whether it throws].
//   checkUrl(text) says what is wrong with one; readParams(params) is of asked.h, makeExpected([first, last, …]) makes expectedStatuses().
//   failedResponse(text, code) is the answer to what cannot be asked for; failureOf(response) what is thrown in place of one.
//   setHttpHooks({request, settle, json}): what goes on where C++ does not: a whole request, with the method before the arguments;
//     with the answer before those, a request of which this was the first hop; and Response.json(), with it and the path.
//   expectStatuses(expected), which it may not be,, mayHaveCookies(flag), givenCookies(response), requestOptions().
std::span<const Native> request_natives();

}  // namespace gantry::load
