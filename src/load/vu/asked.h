#pragma once

// What a script asks for with http.get() and its like, read from its values (k6 reference, §10.1).

#include "load/vu/response.h"
#include "load/vu/status_ranges.h"

#include <v8.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::load {

class Vu;
struct Shapes;

// What of it is left when the script's values have been read.
struct HopTerms {
  std::string headers = {};  // canonical names and values by turns, as pair_text.h has them
  double timeout_ms = 60'000;
  ResponseType type = ResponseType::text;
  ExpectedStatuses expected = {};
  std::int64_t redirects = 0;
  bool throws = false;
};

struct Asked : HopTerms {
  std::string key = {};            // of the plan (request_plan.h)
  v8::Local<v8::Value> url = {};   // a string
  v8::Local<v8::Value> body = {};  // undefined, a string or an ArrayBuffer
};

// What http.get() and its like are given.
struct GivenRequest {
  std::string_view method;
  v8::Local<v8::Value> url;
  v8::Local<v8::Value> body;
  v8::Local<v8::Value> params;
};

// Nothing where the script has thrown, or asks for what modules/http_journeys.js has to see to: cookies, credentials, forms, what is wrong. It may have
// been asked for its values then.
std::optional<Asked> read_request(v8::Local<v8::Context> context, Vu& vu, const Shapes& shapes,
                                  const GivenRequest& given);

// The same for modules/http_journeys.js. Of params, all but cookies, jar and credentials: {headers, tags, timeout, type, redirects, throws}, or a text
// that says what is wrong with them; nothing where the script has thrown.
v8::MaybeLocal<v8::Value> read_params(v8::Local<v8::Context> context, Vu& vu, v8::Local<v8::Object> params);
// One hop: {method, url, name, tags, headers, body, timeout, type, callback, throws}. Nothing where the script has thrown.
std::optional<Asked> read_hop(v8::Local<v8::Context> context, Vu& vu, v8::Local<v8::Object> hop);

// http.expectedStatuses() from a list of the first and the last of each range, by turns; and what setResponseCallback() and
// `responseCallback` are given: such a value, or null. Nothing where it is neither.
v8::Local<v8::Object> make_expected(v8::Local<v8::Context> context, v8::Local<v8::Array> bounds);
std::optional<ExpectedStatuses> read_expected(v8::Local<v8::Context> context, v8::Local<v8::Value> value);
v8::Local<v8::FunctionTemplate> expected_template(v8::Isolate* isolate);

}  // namespace gantry::load
