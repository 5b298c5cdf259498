#pragma once

// SHA-256 (OpenSSL's).

#include <memory>
#include <string>
#include <string_view>

namespace gantry::base {

// The digest's own 32 bytes; and in lower-case hex, as digests are written here.
std::string sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);

// A digest of several fields that cannot be confused with each other: each is preceded by its length.
class DigestBuilder {
 public:
  DigestBuilder();
  ~DigestBuilder();
  DigestBuilder(const DigestBuilder&) = delete;
  DigestBuilder& operator=(const DigestBuilder&) = delete;

  DigestBuilder& add(std::string_view field);
  // Ends the digest, in lower-case hex; call once.
  std::string hex();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry::base
