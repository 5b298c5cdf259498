#include "load/vu/web_crypto.h"

#include "load/vu/key_pairs.h"
#include "load/vu/script_values.h"

#include <gantry_load_modules.h>  // the texts of modules/*.js, written by CMakeLists.txt
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace gantry::load {

namespace {

using Call = v8::FunctionCallbackInfo<v8::Value>;
using Bytes = std::span<const unsigned char>;

// Of a Uint8Array.
Bytes bytes_of(v8::Local<v8::Value> view) {
  const v8::Local<v8::Uint8Array> array = view.As<v8::Uint8Array>();
  const auto* data = static_cast<const unsigned char*>(array->Buffer()->GetBackingStore()->Data());
  return {data + array->ByteOffset(), array->ByteLength()};
}

const EVP_CIPHER* find_cipher(std::string_view name, std::size_t key_bytes) {
  struct Cipher {
    std::string_view name;
    std::array<const EVP_CIPHER* (*)(), 3> by_size;  // 16, 24 and 32 bytes
  };
  static constexpr std::array<Cipher, 3> kCiphers = {
      {{"AES-CBC", {EVP_aes_128_cbc, EVP_aes_192_cbc, EVP_aes_256_cbc}},
       {"AES-CTR", {EVP_aes_128_ctr, EVP_aes_192_ctr, EVP_aes_256_ctr}},
       {"AES-GCM", {EVP_aes_128_gcm, EVP_aes_192_gcm, EVP_aes_256_gcm}}}};
  if (key_bytes != 16 && key_bytes != 24 && key_bytes != 32) return nullptr;
  for (const Cipher& cipher : kCiphers)
    if (cipher.name == name) return cipher.by_size[key_bytes / 8 - 2]();
  return nullptr;
}

struct CipherJob {
  const EVP_CIPHER* cipher;
  bool encrypts;
  Bytes key;
  Bytes iv;
  std::size_t tag_bytes;  // behind the text; 0 for none
  Bytes additional;
  Bytes text;
};

// Nothing where OpenSSL refuses: what does not fit its padding or its tag.
std::optional<std::string> run_cipher(const CipherJob& job) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                EVP_CIPHER_CTX_free);
  if (!job.cipher ||
      EVP_CipherInit_ex(context.get(), job.cipher, nullptr, job.key.data(), job.iv.data(), job.encrypts) != 1)
    return std::nullopt;
  const Bytes tag = job.encrypts ? Bytes() : job.text.last(job.tag_bytes);
  const Bytes text = job.text.first(job.text.size() - tag.size());
  int size = 0;
  if (!job.additional.empty() && EVP_CipherUpdate(context.get(), nullptr, &size, job.additional.data(),
                                                  static_cast<int>(job.additional.size())) != 1)
    return std::nullopt;
  if (!tag.empty() && EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()),
                                          const_cast<unsigned char*>(tag.data())) != 1)
    return std::nullopt;
  std::string result(text.size() + EVP_MAX_BLOCK_LENGTH + job.tag_bytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(result.data());
  int last = 0;
  size = 0;
  if (!text.empty() && EVP_CipherUpdate(context.get(), out, &size, text.data(), static_cast<int>(text.size())) != 1)
    return std::nullopt;
  if (EVP_CipherFinal_ex(context.get(), out + size, &last) != 1) return std::nullopt;
  const auto written = static_cast<std::size_t>(size + last);
  if (job.encrypts && job.tag_bytes > 0 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(job.tag_bytes), out + written) != 1)
    return std::nullopt;
  result.resize(written + (job.encrypts ? job.tag_bytes : 0));
  return result;
}

// cipher(name, encrypts, key, iv, tagBytes, additional, text): undefined where it does not come out.
void cipher(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const Bytes key = bytes_of(call[2]);
  const auto tag_bytes = static_cast<std::size_t>(call[4].As<v8::Number>()->Value());
  const std::optional<std::string> result = run_cipher({.cipher = find_cipher(to_text(isolate, call[0]), key.size()),
                                                        .encrypts = call[1]->IsTrue(),
                                                        .key = key,
                                                        .iv = bytes_of(call[3]),
                                                        .tag_bytes = tag_bytes,
                                                        .additional = bytes_of(call[5]),
                                                        .text = bytes_of(call[6])});
  if (result) call.GetReturnValue().Set(to_buffer(isolate, *result));
}

// deriveBits(hash, secret, salt, iterations, bytes), by PBKDF2.
void derive_bits(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const EVP_MD* hash = EVP_get_digestbyname(to_text(isolate, call[0]).c_str());
  const Bytes secret = bytes_of(call[1]);
  const Bytes salt = bytes_of(call[2]);
  std::string bits(static_cast<std::size_t>(call[4].As<v8::Number>()->Value()), '\0');
  // Without a secret there is a pointer to none, which OpenSSL would take for its length's fault.
  const char* const password = secret.empty() ? "" : reinterpret_cast<const char*>(secret.data());
  const int is_done =
      PKCS5_PBKDF2_HMAC(password, static_cast<int>(secret.size()), salt.data(), static_cast<int>(salt.size()),
                        static_cast<int>(call[3].As<v8::Number>()->Value()), hash, static_cast<int>(bits.size()),
                        reinterpret_cast<unsigned char*>(bits.data()));
  if (is_done != 1) return throw_error(isolate, "OpenSSL derives nothing from that");
  call.GetReturnValue().Set(to_buffer(isolate, bits));
}

constexpr std::array<Native, 2> kNatives = {{{"cipher", cipher}, {"deriveBits", derive_bits}}};

// makeWebCrypto(): what the text returns. Its natives are made here, for the VUs that want them.
void make_web_crypto(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  Fields natives(context);
  for (const std::span<const Native> table : {std::span<const Native>(kNatives), crypto_natives(), key_pair_natives()})
    for (const Native& native : table)
      natives.set(native.name, v8::Function::New(context, native.function).ToLocalChecked());
  v8::ScriptCompiler::Source source(to_v8(isolate, module_texts::webcrypto),
                                    v8::ScriptOrigin(isolate, to_v8(isolate, "gantry:webcrypto")));
  v8::Local<v8::String> parameter = to_v8(isolate, "natives");
  v8::Local<v8::Function> function;
  if (!v8::ScriptCompiler::CompileFunctionInContext(context, &source, 1, &parameter, 0, nullptr).ToLocal(&function))
    return;
  v8::Local<v8::Value> argument = natives.object();
  v8::Local<v8::Value> made;
  if (function->Call(context, v8::Undefined(isolate), 1, &argument).ToLocal(&made)) call.GetReturnValue().Set(made);
}

}  // namespace

std::span<const Native> web_crypto_natives() {
  static constexpr std::array<Native, 1> kMaker = {{{"makeWebCrypto", make_web_crypto}}};
  return kMaker;
}

}  // namespace gantry::load
