#pragma once

// The requests of a script: k6/http's functions. A plain one never leaves C++; what is uncommon (cookies, credentials, redirects,
// forms) goes the way of modules/http.js, hop by hop through send().

#include "load/vu/natives.h"

#include <span>

namespace gantry::load {

// httpGet, httpHead, httpPost, httpPut, httpPatch, httpDel, httpOptions and httpRequest are those functions of k6/http. For modules/http.js:
//   send(method, url, name, [tag, value, …], [header, value, …], body, timeout, response type, is expected) gives a Response, whose `request`
//     and `cookies` it fills in, and records the samples. Whether its status is expected: true for what k6 expects, a function of the
//     status, null for whatever.
//   setHttpHooks({request, settle, json}): what goes on where C++ does not: a whole request, with the method before the arguments;
//     with the answer before those, a request of which this was the first hop; and Response.json(), with it and the path.
//   expectStatuses(isExpected), mayHaveCookies(flag), givenCookies(response), requestOptions().
std::span<const Native> request_natives();

}  // namespace gantry::load
