#pragma once

// An answer, or what became of it, as modules/http.js reads it.

#include "load/http/client.h"
#include "load/vu/vu.h"

#include <v8.h>

#include <chrono>

namespace gantry::load {

enum class ResponseType : std::uint8_t { text, binary, none };  // as modules/http.js numbers them

// What k6 calls the duration of a request: without names and connecting.
double duration_ms(const ExchangeTimes& times);

// k6's number for what went wrong, statuses from 400 on included; 0 for nothing (k6 reference, §10.10).
int error_code_of(const HttpOutcome& outcome);

// [status, reason, minor version, error code, error, address, port, headers, body, blocked, connecting, handshaking, sending, waiting,
// receiving, TLS version, cipher suite, Set-Cookie]. The headers are undefined where they are those of the VU's answer before; the last
// is a list, and undefined where there is none.
v8::Local<v8::Array> make_answer(v8::Local<v8::Context> context, Vu& vu, ResponseType type, const HttpOutcome& outcome);

}  // namespace gantry::load
