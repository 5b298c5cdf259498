#pragma once

// What bodies are compressed by (RFC 9110, §8.4): gzip, deflate, br and zstd, or several of them, one after the other.

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace gantry::load {

// The body without its codings, as Content-Encoding lists them; of one that is not known it stays as it is. At most so many bytes: a few kilobytes
// may stand for gigabytes. Errors: what is wrong with it, in words.
std::expected<std::string, std::string> decode_content(std::string body, std::string_view codings,
                                                       std::size_t bytes_max);

// With the codings that a script lists, in their order. Errors: one that is not known, in k6's words.
std::expected<std::string, std::string> encode_content(std::string body, std::string_view codings);

}  // namespace gantry::load
