#pragma once

// One hop of a request, in three steps: what a script asks for becomes bytes; they are sent, and the samples are taken; the answer becomes an
// object. Only the first and the last touch V8, so that the second may be another member's of the crew.

#include "load/vu/asked.h"
#include "load/vu/request_plan.h"

#include <v8.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::load {

class Vu;

struct Hop {
  HopTerms terms = {};
  std::shared_ptr<RequestPlan> plan = {};
  std::string written = {};  // of a request that is not the plan's own as a whole
  HttpOutcome outcome = {};

  // As HTTP/1.1 has it.
  std::string_view bytes() const { return written.empty() ? std::string_view(plan->whole) : written; }
};

// What cannot be sent, such as a header with a line break, has failed by then.
Hop prepare_hop(v8::Isolate* isolate, Vu& vu, const Asked& asked);

// Blocks, without V8's lock: whoever holds it gives it away meanwhile. What was interrupted is not recorded.
void send_hop(Vu& vu, Waiting waiting, Hop& hop);
void record_hop(Vu& vu, const Hop& hop);

struct LandedHop {
  v8::Local<v8::Object> response;
  bool goes_on = false;                     // with cookies to keep, or to where it is redirected
  std::optional<std::string> failure = {};  // of status 0
};
// `url` and `body` as they were asked for. Nothing, and thrown, where the script has no room for the answer.
std::optional<LandedHop> land_hop(v8::Local<v8::Context> context, Vu& vu, const Hop& hop, v8::Local<v8::Value> url,
                                  v8::Local<v8::Value> body);

// As who catches it reads it.
std::string describe_failure(std::string_view method, std::string_view url, const HttpFailure& failure);

}  // namespace gantry::load
