// Digests and randomness for k6/crypto (k6 reference, §11.5), by OpenSSL.

#include "load/vu/natives.h"
#include "load/vu/script_values.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include <algorithm>

namespace gantry::load {

namespace {

using Call = v8::FunctionCallbackInfo<v8::Value>;

struct Algorithm {
  std::string_view name;  // k6's
  const char* openssl;
};
constexpr std::array<Algorithm, 9> kAlgorithms = {{{"md4", "MD4"},
                                                   {"md5", "MD5"},
                                                   {"sha1", "SHA1"},
                                                   {"sha256", "SHA256"},
                                                   {"sha384", "SHA384"},
                                                   {"sha512", "SHA512"},
                                                   {"sha512_224", "SHA512-224"},
                                                   {"sha512_256", "SHA512-256"},
                                                   {"ripemd160", "RIPEMD160"}}};

// MD4 is in OpenSSL's legacy provider, and asking for one provider by name takes the default one away. Where there is no legacy
// provider, MD4 is not found. Fetched once, for the life of the process.
std::array<const EVP_MD*, kAlgorithms.size()> fetch_digests() {
  OSSL_PROVIDER_load(nullptr, "legacy");
  OSSL_PROVIDER_load(nullptr, "default");
  std::array<const EVP_MD*, kAlgorithms.size()> digests{};
  for (std::size_t i = 0; i < digests.size(); ++i) digests[i] = EVP_MD_fetch(nullptr, kAlgorithms[i].openssl, nullptr);
  return digests;
}

const EVP_MD* find_digest(std::string_view name) {
  static const std::array<const EVP_MD*, kAlgorithms.size()> digests = fetch_digests();
  const auto* algorithm = std::ranges::find(kAlgorithms, name, &Algorithm::name);
  return algorithm == kAlgorithms.end() ? nullptr : digests[static_cast<std::size_t>(algorithm - kAlgorithms.begin())];
}

std::span<const unsigned char> bytes_of(v8::Local<v8::Value> view) {
  const v8::Local<v8::Uint8Array> array = view.As<v8::Uint8Array>();
  const auto* data = static_cast<const unsigned char*>(array->Buffer()->GetBackingStore()->Data());
  return {data + array->ByteOffset(), array->ByteLength()};
}

// Of bytes; with a key, the HMAC.
void digest(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const std::string name = to_text(isolate, call[0]);
  const EVP_MD* algorithm = find_digest(name);
  if (!algorithm) return throw_error(isolate, fmt::format("OpenSSL has no {} here", name));
  const std::span<const unsigned char> bytes = bytes_of(call[1]);
  std::array<unsigned char, EVP_MAX_MD_SIZE> result{};
  unsigned int size = 0;
  if (call[2]->IsUndefined()) {
    EVP_Digest(bytes.data(), bytes.size(), result.data(), &size, algorithm, nullptr);
  } else {
    const std::span<const unsigned char> key = bytes_of(call[2]);
    // A null key means another thing to OpenSSL than an empty one.
    const unsigned char* key_data = key.empty() ? result.data() : key.data();
    HMAC(algorithm, key_data, static_cast<int>(key.size()), bytes.data(), bytes.size(), result.data(), &size);
  }
  call.GetReturnValue().Set(to_buffer(isolate, {reinterpret_cast<const char*>(result.data()), size}));
}

void random_fill(const Call& call) {
  const v8::Local<v8::Uint8Array> array = call[0].As<v8::Uint8Array>();
  auto* data = static_cast<unsigned char*>(array->Buffer()->GetBackingStore()->Data());
  if (RAND_bytes(data + array->ByteOffset(), static_cast<int>(array->ByteLength())) != 1)
    throw_error(call.GetIsolate(), "this machine has no randomness");
}

}  // namespace

std::span<const Native> crypto_natives() {
  static constexpr std::array<Native, 2> kNatives = {{{"digest", digest}, {"randomFill", random_fill}}};
  return kNatives;
}

}  // namespace gantry::load
