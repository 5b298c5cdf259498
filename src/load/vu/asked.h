#pragma once

// What a script asks for with http.get() and its like, read from its values (k6 reference, §10.1).

#include "load/vu/response.h"

#include <v8.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::load {

class Vu;
struct Shapes;

struct Asked {
  std::string key = {};            // of the plan (request_plan.h)
  std::string headers = {};        // canonical names and values by turns, as pair_text.h has them
  v8::Local<v8::Value> url = {};   // a string
  v8::Local<v8::Value> body = {};  // undefined, a string or an ArrayBuffer
  double timeout_ms = 60'000;
  ResponseType type = ResponseType::text;
  v8::Local<v8::Value> is_expected = {};  // whether a status is: a function, null for whatever, true for what k6 thinks
  std::int64_t redirects = 0;
  bool throws = false;
};

// What http.get() and its like are given.
struct GivenRequest {
  std::string_view method;
  v8::Local<v8::Value> url;
  v8::Local<v8::Value> body;
  v8::Local<v8::Value> params;
};

// Nothing where the script has thrown, or asks for what modules/http.js has to see to: cookies, credentials, forms, what is wrong. It may have
// been asked for its values then.
std::optional<Asked> read_request(v8::Local<v8::Context> context, Vu& vu, const Shapes& shapes,
                                  const GivenRequest& given);

}  // namespace gantry::load
