#pragma once

// One request of a script, one hop of it: gantry:vu's send().

#include <v8.h>

namespace gantry::load {

// send(method, url, name, [tag, value, …], [header, value, …], body, timeout, response type, is expected) gives what response.h says, and
// records the samples of the request. Whether its status is expected: true for what k6 expects, a function of the status, null for whatever.
void send_request(const v8::FunctionCallbackInfo<v8::Value>& call);

// {redirects, discardsBodies, throws, resetsCookies}: what the script's options say of all requests.
void request_options(const v8::FunctionCallbackInfo<v8::Value>& call);

}  // namespace gantry::load
