#pragma once

// What a request's fields ask for, and whether a response should be compressed. Pure; private to the room.

#include "http/message.h"

#include <optional>
#include <string_view>

namespace gantry::http {

// Whether Accept-Encoding takes gzip (RFC 9110 §12.5.3): named, or by "*", with a weight that is not 0.
bool accepts_gzip(const Headers& request);

enum class BodyCoding { identity, gzip, unknown };
// Of a request's body, from Content-Encoding.
BodyCoding body_coding(const Headers& request);

// Text-like, and not already compressed: "application/json", "text/html; charset=utf-8", "application/x+json".
bool is_compressible(std::string_view content_type);

enum class Compression {
  unfit,    // this response is sent as it is to everybody
  unasked,  // it could be compressed, the client doesn't take it
  gzip,
};
// `bytes` of the body where they are known; short ones are not worth it.
Compression choose_compression(const Headers& request, const Response& response, std::optional<std::size_t> bytes);

}  // namespace gantry::http
