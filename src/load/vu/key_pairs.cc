#include "load/vu/key_pairs.h"

#include "load/vu/script_values.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

namespace {

using Call = v8::FunctionCallbackInfo<v8::Value>;
using Bytes = std::span<const unsigned char>;

template <typename T, auto release>
struct Release {
  void operator()(T* thing) const { release(thing); }
};
template <typename T, auto release>
using Owned = std::unique_ptr<T, Release<T, release>>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using Number = Owned<BIGNUM, BN_free>;

struct Curve {
  std::string_view name;  // Web Crypto's
  std::string_view openssl;
  int field_bytes;
};
constexpr std::array<Curve, 3> kCurves = {
    {{"P-256", "prime256v1", 32}, {"P-384", "secp384r1", 48}, {"P-521", "secp521r1", 66}}};

// As JWK orders them (RFC 7518, §6.3), and OpenSSL names them.
constexpr std::array<const char*, 8> kRsaNumbers = {OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
                                                    OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
                                                    OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
                                                    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
constexpr std::array<const char*, 3> kEcNumbers = {OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y,
                                                   OSSL_PKEY_PARAM_PRIV_KEY};

// Of a Uint8Array.
Bytes bytes_of(v8::Local<v8::Value> view) {
  const v8::Local<v8::Uint8Array> array = view.As<v8::Uint8Array>();
  const auto* data = static_cast<const unsigned char*>(array->Buffer()->GetBackingStore()->Data());
  return {data + array->ByteOffset(), array->ByteLength()};
}

int number_of(v8::Local<v8::Value> value) { return static_cast<int>(value.As<v8::Number>()->Value()); }

unsigned char* writable(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Key read_key(Bytes der, bool is_private) {
  const unsigned char* at = der.data();
  const auto size = static_cast<long>(der.size());
  Key key(is_private ? d2i_AutoPrivateKey(nullptr, &at, size) : d2i_PUBKEY(nullptr, &at, size));
  ERR_clear_error();  // of what it has tried
  return key;
}

std::string write_key(EVP_PKEY* key, bool is_private) {
  const Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(is_private ? EVP_PKEY2PKCS8(key) : nullptr);
  const auto write = [&](unsigned char** to) {
    return is_private ? i2d_PKCS8_PRIV_KEY_INFO(info.get(), to) : i2d_PUBKEY(key, to);
  };
  const int size = write(nullptr);
  std::string der(static_cast<std::size_t>(std::max(size, 0)), '\0');
  unsigned char* at = writable(der);
  if (size > 0) write(&at);
  return der;
}

const Curve* curve_of(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) != 1) return nullptr;
  const auto* curve = std::ranges::find(kCurves, std::string_view(name.data()), &Curve::openssl);
  return curve == kCurves.end() ? nullptr : curve;
}

// {kind, bits, curve, der}; nothing for a key of another kind, or of a curve that Web Crypto does not know.
v8::Local<v8::Value> describe(v8::Isolate* isolate, EVP_PKEY* key, bool is_private) {
  const bool is_rsa = key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
  const Curve* curve = key && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC ? curve_of(key) : nullptr;
  if (!is_rsa && !curve) return v8::Undefined(isolate);
  Fields fields(isolate->GetCurrentContext());
  fields.set("kind", std::string_view(is_rsa ? "RSA" : "EC"));
  fields.set("bits", static_cast<double>(EVP_PKEY_get_bits(key)));
  fields.set("curve", is_rsa ? std::string_view() : curve->name);
  fields.set("isPrivate", is_private);
  fields.set("der", to_buffer(isolate, write_key(key, is_private)));
  return fields.object();
}

// keyMake(kind, bits or curve, exponent): [private, public], each described; undefined where OpenSSL makes none of that kind.
void make(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const bool is_rsa = to_text(isolate, call[0]) == "RSA";
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, is_rsa ? "RSA" : "EC", nullptr));
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1) return;
  if (is_rsa) {
    const Number exponent(BN_new());
    BN_set_word(exponent.get(), static_cast<BN_ULONG>(number_of(call[2])));
    if (EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), number_of(call[1])) != 1 ||
        EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), exponent.get()) != 1)
      return;
  } else if (EVP_PKEY_CTX_set_group_name(context.get(), to_text(isolate, call[1]).c_str()) != 1) {
    return;
  }
  EVP_PKEY* made = nullptr;
  EVP_PKEY_generate(context.get(), &made);
  const Key key(made);
  if (!key) return;
  std::array<v8::Local<v8::Value>, 2> both = {describe(isolate, key.get(), true), describe(isolate, key.get(), false)};
  call.GetReturnValue().Set(v8::Array::New(isolate, both.data(), both.size()));
}

// keyRead(der, isPrivate): the key described; undefined for what is none.
void read(const Call& call) {
  const bool is_private = call[1]->IsTrue();
  const Key key = read_key(bytes_of(call[0]), is_private);
  call.GetReturnValue().Set(describe(call.GetIsolate(), key.get(), is_private));
}

// keyNumbers(der, isPrivate): those of a JWK, in its order, big-endian; of a curve as long as its field is.
void numbers(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  const bool is_private = call[1]->IsTrue();
  const Key key = read_key(bytes_of(call[0]), is_private);
  if (!key) return;
  const bool is_rsa = EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA;
  const std::span<const char* const> names = is_rsa ? std::span<const char* const>(kRsaNumbers) : kEcNumbers;
  const Curve* curve = is_rsa ? nullptr : curve_of(key.get());
  const v8::Local<v8::Array> list = v8::Array::New(isolate);
  for (const char* name : names.first(is_private ? names.size() : 2)) {
    BIGNUM* found = nullptr;
    EVP_PKEY_get_bn_param(key.get(), name, &found);
    const Number number(found);
    if (!number) return;
    std::string bytes(static_cast<std::size_t>(curve ? curve->field_bytes : BN_num_bytes(number.get())), '\0');
    BN_bn2binpad(number.get(), writable(bytes), static_cast<int>(bytes.size()));
    list->Set(context, list->Length(), to_buffer(isolate, bytes)).Check();
  }
  call.GetReturnValue().Set(list);
}

// keyFromNumbers(kind, curve, numbers): the same the other way; undefined for numbers that are no key.
void from_numbers(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  const bool is_rsa = to_text(isolate, call[0]) == "RSA";
  const std::string curve = to_text(isolate, call[1]);
  const v8::Local<v8::Array> given = call[2].As<v8::Array>();
  std::vector<Number> owned;
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  std::string point = "\x04";
  const auto at = [&](std::uint32_t i) { return bytes_of(given->Get(context, i).ToLocalChecked()); };
  for (std::uint32_t i = 0; i < given->Length(); ++i) {
    const Bytes bytes = at(i);
    if (!is_rsa && i < 2) {
      point.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      continue;
    }
    owned.emplace_back(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), BN_secure_new()));
    const std::span<const char* const> names = is_rsa ? std::span<const char* const>(kRsaNumbers) : kEcNumbers;
    OSSL_PARAM_BLD_push_BN(builder.get(), names[i], owned.back().get());
  }
  if (!is_rsa) {
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.c_str(), 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  }
  const bool is_private = given->Length() > 2;
  const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext maker(EVP_PKEY_CTX_new_from_name(nullptr, is_rsa ? "RSA" : "EC", nullptr));
  EVP_PKEY* made = nullptr;
  if (!parameters || !maker || EVP_PKEY_fromdata_init(maker.get()) != 1 ||
      EVP_PKEY_fromdata(maker.get(), &made, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return;
  const Key key(made);
  const KeyContext checker(EVP_PKEY_CTX_new(key.get(), nullptr));
  if (EVP_PKEY_public_check(checker.get()) != 1 || (is_private && EVP_PKEY_pairwise_check(checker.get()) != 1)) return;
  call.GetReturnValue().Set(describe(isolate, key.get(), is_private));
}

// How a signature is made, or checked.
struct Scheme {
  std::string name;  // Web Crypto's
  const EVP_MD* hash;
  int salt;  // bytes, of RSA-PSS
};
Scheme scheme_of(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  return {to_text(isolate, call[1]), EVP_get_digestbyname(to_text(isolate, call[2]).c_str()), number_of(call[3])};
}

bool set_up(EVP_PKEY_CTX* context, const Scheme& scheme) {
  if (scheme.name == "ECDSA") return true;
  if (scheme.name != "RSA-PSS") return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, scheme.salt) == 1;
}

// Web Crypto has the two numbers side by side, OpenSSL as ASN.1.
std::string to_raw(std::string_view der, int field_bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const Owned<ECDSA_SIG, ECDSA_SIG_free> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string raw(2 * static_cast<std::size_t>(field_bytes), '\0');
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), writable(raw), field_bytes);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), writable(raw) + field_bytes, field_bytes);
  return raw;
}
std::string to_der(Bytes raw) {
  const std::size_t half = raw.size() / 2;
  const Owned<ECDSA_SIG, ECDSA_SIG_free> signature(ECDSA_SIG_new());
  ECDSA_SIG_set0(signature.get(), BN_bin2bn(raw.data(), static_cast<int>(half), nullptr),
                 BN_bin2bn(raw.data() + half, static_cast<int>(half), nullptr));
  std::string der(static_cast<std::size_t>(std::max(i2d_ECDSA_SIG(signature.get(), nullptr), 0)), '\0');
  unsigned char* at = writable(der);
  i2d_ECDSA_SIG(signature.get(), &at);
  return der;
}

// keySign(private, scheme, hash, salt, data): undefined where OpenSSL does not sign so.
void sign(const Call& call) {
  const Key key = read_key(bytes_of(call[0]), true);
  const Scheme scheme = scheme_of(call);
  const Bytes data = bytes_of(call[4]);
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* inner = nullptr;
  std::size_t size = 0;
  if (!key || EVP_DigestSignInit(context.get(), &inner, scheme.hash, nullptr, key.get()) != 1 ||
      !set_up(inner, scheme) || EVP_DigestSign(context.get(), nullptr, &size, data.data(), data.size()) != 1)
    return;
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), writable(signature), &size, data.data(), data.size()) != 1) return;
  signature.resize(size);
  const Curve* curve = scheme.name == "ECDSA" ? curve_of(key.get()) : nullptr;
  call.GetReturnValue().Set(to_buffer(call.GetIsolate(), curve ? to_raw(signature, curve->field_bytes) : signature));
}

// keyVerify(public, scheme, hash, salt, data, signature)
void verify(const Call& call) {
  const Key key = read_key(bytes_of(call[0]), false);
  const Scheme scheme = scheme_of(call);
  const Bytes data = bytes_of(call[4]);
  const Bytes given = bytes_of(call[5]);
  const Curve* curve = key && scheme.name == "ECDSA" ? curve_of(key.get()) : nullptr;
  call.GetReturnValue().Set(false);
  if (curve && given.size() != 2 * static_cast<std::size_t>(curve->field_bytes)) return;
  const std::string der = curve ? to_der(given) : std::string(given.begin(), given.end());
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* inner = nullptr;
  const bool holds = key && EVP_DigestVerifyInit(context.get(), &inner, scheme.hash, nullptr, key.get()) == 1 &&
                     set_up(inner, scheme) &&
                     EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(der.data()), der.size(),
                                      data.data(), data.size()) == 1;
  ERR_clear_error();  // a signature that does not hold is none
  call.GetReturnValue().Set(holds);
}

// keyCrypt(der, encrypts, hash, label, data), by RSA-OAEP: undefined where it does not come out.
void crypt(const Call& call) {
  const bool encrypts = call[1]->IsTrue();
  const Key key = read_key(bytes_of(call[0]), !encrypts);
  const EVP_MD* hash = EVP_get_digestbyname(to_text(call.GetIsolate(), call[2]).c_str());
  const Bytes label = bytes_of(call[3]);
  const Bytes data = bytes_of(call[4]);
  const KeyContext context(key ? EVP_PKEY_CTX_new(key.get(), nullptr) : nullptr);
  const bool is_set_up =
      context && (encrypts ? EVP_PKEY_encrypt_init(context.get()) : EVP_PKEY_decrypt_init(context.get())) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
      EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), hash) == 1;
  if (!is_set_up) return;
  // OpenSSL keeps the label, and frees it.
  if (!label.empty() && EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), OPENSSL_memdup(label.data(), label.size()),
                                                         static_cast<int>(label.size())) != 1)
    return;
  const auto run = encrypts ? EVP_PKEY_encrypt : EVP_PKEY_decrypt;
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key.get()));
  std::string result(size, '\0');
  const bool is_done = run(context.get(), writable(result), &size, data.data(), data.size()) == 1;
  ERR_clear_error();
  if (is_done) call.GetReturnValue().Set(to_buffer(call.GetIsolate(), std::string_view(result).substr(0, size)));
}

// keyAgree(private, public), by ECDH: undefined where the two are of different curves.
void agree(const Call& call) {
  const Key own = read_key(bytes_of(call[0]), true);
  const Key other = read_key(bytes_of(call[1]), false);
  const KeyContext context(own ? EVP_PKEY_CTX_new(own.get(), nullptr) : nullptr);
  std::size_t size = 0;
  if (!other || !context || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), other.get()) != 1 || EVP_PKEY_derive(context.get(), nullptr, &size) != 1)
    return ERR_clear_error();
  std::string secret(size, '\0');
  if (EVP_PKEY_derive(context.get(), writable(secret), &size) == 1)
    call.GetReturnValue().Set(to_buffer(call.GetIsolate(), std::string_view(secret).substr(0, size)));
}

}  // namespace

std::span<const Native> key_pair_natives() {
  static constexpr std::array<Native, 8> kNatives = {{{"keyMake", make},
                                                      {"keyRead", read},
                                                      {"keyNumbers", numbers},
                                                      {"keyFromNumbers", from_numbers},
                                                      {"keySign", sign},
                                                      {"keyVerify", verify},
                                                      {"keyCrypt", crypt},
                                                      {"keyAgree", agree}}};
  return kNatives;
}

}  // namespace gantry::load
