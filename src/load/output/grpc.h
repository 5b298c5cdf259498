#pragma once

// One message there and one back by gRPC, over HTTP/2 (gRPC over HTTP2, grpc.github.io/grpc/core/md_doc__p_r_o_t_o_c_o_l-_h_t_t_p2.html):
// what an output's request says, and what the answer means. Private to load.

#include "load/http/client.h"

#include <chrono>
#include <optional>
#include <string>

namespace gantry::load {

enum class GrpcCoding : std::uint8_t { identity, gzip };

// A message as it is sent, behind the five bytes that say how long it is and whether it is compressed.
std::string frame_for_grpc(const std::string& message, GrpcCoding coding);
// The lines that each request's head has, "grpc-timeout" and all.
std::string describe_grpc_call(std::chrono::nanoseconds left);

// What a call has come to, in the words of gRPC's status codes.
struct GrpcAnswer {
  int code = 0;
  std::string text = {};     // of a code that is not 0, for people: "UNAVAILABLE: try later"
  std::string message = {};  // that came back
  std::optional<std::chrono::nanoseconds> retry_delay = {};  // google.rpc.RetryInfo, where the server says so
};
inline constexpr int kGrpcUnknown = 2;
inline constexpr int kGrpcDeadlineExceeded = 4;
inline constexpr int kGrpcResourceExhausted = 8;
inline constexpr int kGrpcInternal = 13;

// Of one that has an answer (HttpOutcome::failure is none). Whatever the server has said is some code.
GrpcAnswer read_grpc_answer(const HttpOutcome& outcome, const Headers& trailers);

}  // namespace gantry::load
