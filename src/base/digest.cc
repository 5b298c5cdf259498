#include "base/digest.h"

#include <openssl/evp.h>

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace gantry::base {

namespace {

constexpr std::size_t kSha256Bytes = 32;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

// OpenSSL fails here only when memory is gone or its installation offers no SHA-256. Without digests there is no
// evidence, and no caller could do anything else, so this is the one place that throws: main's last catch reports it.
void require(bool succeeded) {
  if (!succeeded) throw std::runtime_error("OpenSSL cannot compute SHA-256 on this machine");
}

// Fetched once: OpenSSL 3 otherwise searches its providers on every start, which costs more than hashing a small file.
const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  require(fetched != nullptr);
  return fetched;
}

Context make_context() {
  Context context(EVP_MD_CTX_new());
  require(context != nullptr);
  return context;
}

std::string finish(EVP_MD_CTX* context) {
  std::string digest(kSha256Bytes, '\0');
  require(EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1);
  return digest;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

}  // namespace

std::string sha256(std::string_view bytes) {
  thread_local const Context context =
      make_context();  // one per thread, since making one costs as much as 500 bytes of hashing
  require(EVP_DigestInit_ex(context.get(), algorithm(), nullptr) == 1);
  require(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1);
  return finish(context.get());
}

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes)); }

struct DigestBuilder::Impl {
  Context context = make_context();
  bool ended = false;
};

DigestBuilder::DigestBuilder() : impl_(std::make_unique<Impl>()) {
  require(EVP_DigestInit_ex(impl_->context.get(), algorithm(), nullptr) == 1);
}

DigestBuilder::~DigestBuilder() = default;

DigestBuilder& DigestBuilder::add(std::string_view field) {
  assert(!impl_->ended);
  // The length as eight bytes, most significant first. Do not change it: evidence keys and fingerprints are on disk.
  std::array<unsigned char, 8> length{};
  for (std::size_t i = 0; i < length.size(); ++i)
    length[i] = static_cast<unsigned char>(std::uint64_t{field.size()} >> (56 - 8 * i));
  require(EVP_DigestUpdate(impl_->context.get(), length.data(), length.size()) == 1);
  require(EVP_DigestUpdate(impl_->context.get(), field.data(), field.size()) == 1);
  return *this;
}

std::string DigestBuilder::hex() {
  assert(!impl_->ended);
  impl_->ended = true;
  return to_hex(finish(impl_->context.get()));
}

}  // namespace gantry::base
