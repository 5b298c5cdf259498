#pragma once

// The two codings that zlib has: gzip (RFC 1952) and what HTTP calls deflate (RFC 1950). Those of all kinds are content_coding.h's, whose
// libraries the program does without until it runs a script.

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace gantry::load {

inline constexpr std::string_view kUnpacksToTooMuch = "it unpacks to more than a body may have";

// Errors: what is wrong with it, in words: kUnpacksToTooMuch where that is more than so many bytes.
std::expected<std::string, std::string> decode_gzip(const std::string& body, std::size_t bytes_max);
std::expected<std::string, std::string> decode_deflate(const std::string& body, std::size_t bytes_max);

std::string encode_gzip(const std::string& body);
std::string encode_deflate(const std::string& body);

}  // namespace gantry::load
