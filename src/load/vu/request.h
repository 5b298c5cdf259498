#pragma once

// One request of a script, one hop of it: gantry:vu's send().

#include <v8.h>

namespace gantry::load {

// send(method, url, [name, value, …], body, {timeout, tags, name, responseType, callback}) gives the fields of k6's Response (k6 reference,
// §10.4) and records the samples of the request.
void send_request(const v8::FunctionCallbackInfo<v8::Value>& call);

}  // namespace gantry::load
