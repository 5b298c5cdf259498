#pragma once

// Status line and fields of a response as bytes. Pure; private to the room.

#include "http/message.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::http {

struct HeadFacts {
  std::optional<std::uint64_t> content_length = {};  // nothing: chunked, or until the connection closes for HTTP/1.0
  bool is_http_1_1 = true;
  bool keeps_alive = true;
  std::string_view date = {};  // "Sun, 29 Nov 2026 21:00:00 GMT"; none when empty
  bool is_gzip = false;
  bool varies_by_encoding = false;
};

// 1xx, 204 and 304 have no body and no length (RFC 9110 §6.4.1).
bool may_have_body(int status);

void append_head(std::string& out, const Response& response, const HeadFacts& facts);

// One chunk of a chunked body; the empty one would end it, so nothing is appended for no bytes.
void append_chunk(std::string& out, std::string_view bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace gantry::http
