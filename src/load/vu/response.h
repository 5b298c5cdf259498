#pragma once

// An answer, or what became of it, as scripts see it: k6/http's Response (k6 reference, §10.4).
//
// Most scripts look at two or three members of an answer, and making all of them costs more than the request. So an answer comes as
// one text, which is a copy of its bytes, and a member is made of it when it is asked for. To the script each is a
// member as any other: enumerable, writable, its own.

#include "load/http/client.h"

#include <v8.h>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace gantry::load {

struct ClassShape;
struct Shapes;

enum class ResponseType : std::uint8_t { text, binary, none };  // as modules/http_journeys.js numbers them

// What k6 calls the duration of a request: without names and connecting.
double duration_ms(const ExchangeTimes& times);

// k6's number for what went wrong, statuses from 400 on included; 0 for nothing (k6 reference, §10.10).
int error_code_of(const HttpOutcome& outcome);

// What was asked, as Response.request shows it.
struct SentRequest {
  std::string_view method;
  std::string_view headers;   // names and values by turns, as pair_text.h has them
  v8::Local<v8::Value> url;   // a string
  v8::Local<v8::Value> body;  // undefined for none
};

v8::Local<v8::Object> make_response(v8::Local<v8::Context> context, const Shapes& shapes, const SentRequest& sent,
                                    ResponseType type, const HttpOutcome& outcome);

// For scripts: request.h.
void failed_response(const v8::FunctionCallbackInfo<v8::Value>& call);
void failure_of(const v8::FunctionCallbackInfo<v8::Value>& call);
// Of a Response: each Set-Cookie by itself, in a list; undefined where there is none.
void given_cookies(const v8::FunctionCallbackInfo<v8::Value>& call);

ClassShape response_shape(v8::Isolate* isolate);
v8::Local<v8::ObjectTemplate> timings_template(v8::Isolate* isolate);

}  // namespace gantry::load
