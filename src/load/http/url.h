#pragma once

// A URL taken apart as far as a request needs it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::load {

struct Url {
  std::string scheme = {};  // "http" or "https"
  std::string user = {};    // as written, without the '@'; may be empty
  std::string host = {};    // without brackets
  std::uint16_t port = 80;
  std::string authority = {};  // for the Host header: without the scheme's own port
  std::string target = {};     // path and query, from '/' on, with what may not be sent as it is escaped

  // Nothing for what is no absolute URL of the two schemes.
  static std::optional<Url> parse(std::string_view text);
};

// What is wrong with a text that is none, in Go's words. Of an `invalid` one no request can be made at all; of the others it fails.
struct UrlFault {
  bool is_invalid = false;
  std::string text = {};
};
UrlFault find_url_fault(std::string_view text);

// The first "%" that escapes nothing, and what stands behind it; nothing where there is none.
std::optional<std::string_view> find_bad_escape(std::string_view text);
// "a%20b" -> "a b"; what escapes nothing stays as it is.
std::string percent_decode(std::string_view text);

}  // namespace gantry::load
