#include "http/response_head.h"

#include "http/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace gantry::http {

namespace {

// Fields about framing and the connection are the server's alone: two of them would be two truths.
constexpr std::array<std::string_view, 6> kOwnFields = {
    "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Date", "Trailer"};

bool is_own(std::string_view name) {
  return std::ranges::any_of(kOwnFields, [&](std::string_view own) { return equals_ascii(own, name); });
}

// A line feed in a value would begin a field, or the body, of whoever wrote the value.
void append_visible(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  append_visible(out, value);
  out += "\r\n";
}

}  // namespace

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

void append_head(std::string& out, const Response& response, const HeadFacts& facts) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.{} {} {}\r\n", facts.is_http_1_1 ? 1 : 0, response.status,
                 reason_phrase(response.status));
  for (const Headers::Field& field : response.headers) {
    if (is_token(field.name) && !is_own(field.name)) append_field(out, field.name, field.value);
  }
  if (!facts.date.empty()) append_field(out, "Date", facts.date);
  if (facts.varies_by_encoding) append_field(out, "Vary", "Accept-Encoding");
  if (facts.is_gzip) append_field(out, "Content-Encoding", "gzip");
  if (may_have_body(response.status)) {
    if (facts.content_length) {
      fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", *facts.content_length);
    } else if (facts.is_http_1_1) {
      append_field(out, "Transfer-Encoding", "chunked");
    }
  }
  if (!facts.keeps_alive) {
    append_field(out, "Connection", "close");
  } else if (!facts.is_http_1_1) {
    append_field(out, "Connection", "keep-alive");
  }
  out += "\r\n";
}

void append_chunk(std::string& out, std::string_view bytes) {
  if (bytes.empty()) return;
  fmt::format_to(std::back_inserter(out), "{:x}\r\n", bytes.size());
  out += bytes;
  out += "\r\n";
}

}  // namespace gantry::http
