#pragma once

// SHA-256 (OpenSSL's), as lower-case hex.

#include <memory>
#include <string>
#include <string_view>

namespace gantry::base {

std::string sha256_hex(std::string_view bytes);

// A digest of several fields that cannot be confused with each other: each is preceded by its length.
class DigestBuilder {
 public:
  DigestBuilder();
  ~DigestBuilder();
  DigestBuilder(const DigestBuilder&) = delete;
  DigestBuilder& operator=(const DigestBuilder&) = delete;

  DigestBuilder& add(std::string_view field);
  // Ends the digest; call once.
  std::string hex();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry::base
