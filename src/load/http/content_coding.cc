#include "load/http/content_coding.h"

#include "base/text.h"
#include "load/http/zlib_coding.h"

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace gantry::load {

namespace {

using Coded = std::expected<std::string, std::string>;

constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

Coded decode_brotli(const std::string& body, std::size_t bytes_max) {
  const std::unique_ptr<BrotliDecoderState, void (*)(BrotliDecoderState*)> state(
      ::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), ::BrotliDecoderDestroyInstance);
  const auto* in = reinterpret_cast<const std::uint8_t*>(body.data());
  std::size_t left = body.size();
  std::string result;
  for (;;) {
    const std::size_t before = result.size();
    if (before > bytes_max) return std::unexpected(std::string(kUnpacksToTooMuch));
    result.resize(before + kPieceBytes);
    auto* out = reinterpret_cast<std::uint8_t*>(result.data() + before);
    std::size_t room = kPieceBytes;
    const BrotliDecoderResult status = ::BrotliDecoderDecompressStream(state.get(), &left, &in, &room, &out, nullptr);
    result.resize(result.size() - room);
    if (status == BROTLI_DECODER_RESULT_SUCCESS) return result;
    if (status == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) return std::unexpected("unexpected EOF");
    if (status == BROTLI_DECODER_RESULT_ERROR)
      return std::unexpected(std::string("brotli: ") +
                             ::BrotliDecoderErrorString(::BrotliDecoderGetErrorCode(state.get())));
  }
}

std::string encode_brotli(const std::string& body) {
  std::size_t size = ::BrotliEncoderMaxCompressedSize(body.size());
  std::string result(std::max<std::size_t>(size, 16), '\0');
  size = result.size();
  ::BrotliEncoderCompress(BROTLI_DEFAULT_QUALITY, BROTLI_DEFAULT_WINDOW, BROTLI_DEFAULT_MODE, body.size(),
                          reinterpret_cast<const std::uint8_t*>(body.data()), &size,
                          reinterpret_cast<std::uint8_t*>(result.data()));
  result.resize(size);
  return result;
}

Coded decode_zstd(const std::string& body, std::size_t bytes_max) {
  const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream(::ZSTD_createDStream(),
                                                                             ::ZSTD_freeDStream);
  ZSTD_inBuffer in{body.data(), body.size(), 0};
  std::string result;
  // Zstandard's frames may follow one another, too (RFC 8878, §3.1).
  for (std::size_t left = 1; left != 0 || in.pos < in.size;) {
    const std::size_t before = result.size();
    if (before > bytes_max) return std::unexpected(std::string(kUnpacksToTooMuch));
    result.resize(before + kPieceBytes);
    ZSTD_outBuffer out{result.data() + before, kPieceBytes, 0};
    left = ::ZSTD_decompressStream(stream.get(), &out, &in);
    result.resize(before + out.pos);
    if (::ZSTD_isError(left) != 0) return std::unexpected(std::string("zstd: ") + ::ZSTD_getErrorName(left));
    if (left != 0 && in.pos == in.size && out.pos < out.size) return std::unexpected("unexpected EOF");
  }
  return result;
}

std::string encode_zstd(const std::string& body) {
  std::string result(::ZSTD_compressBound(body.size()), '\0');
  const std::size_t size = ::ZSTD_compress(result.data(), result.size(), body.data(), body.size(), ZSTD_CLEVEL_DEFAULT);
  result.resize(::ZSTD_isError(size) != 0 ? 0 : size);
  return result;
}

struct Coding {
  std::string_view name;
  Coded (*decode)(const std::string& body, std::size_t bytes_max);
  std::string (*encode)(const std::string& body);
};
constexpr std::array<Coding, 4> kCodings = {{{"gzip", decode_gzip, encode_gzip},
                                             {"deflate", decode_deflate, encode_deflate},
                                             {"zstd", decode_zstd, encode_zstd},
                                             {"br", decode_brotli, encode_brotli}}};

}  // namespace

Coded decode_content(std::string body, std::string_view codings, std::size_t bytes_max) {
  std::vector<std::string_view> names = base::split(codings, ',');
  // What was done last is undone first.
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    const auto* coding = std::ranges::find(kCodings, base::to_lower_ascii(base::trim(*name)), &Coding::name);
    if (coding == kCodings.end()) continue;
    Coded decoded = coding->decode(body, bytes_max);
    if (!decoded) return decoded;
    body = *std::move(decoded);
  }
  return body;
}

Coded encode_content(std::string body, std::string_view codings) {
  for (const std::string_view each : base::split(codings, ',')) {
    const std::string_view name = base::trim(each);
    const auto* coding = std::ranges::find(kCodings, name, &Coding::name);
    if (coding == kCodings.end())
      return std::unexpected(
          fmt::format("unknown compression algorithm {}, supported algorithms are [gzip deflate zstd br]", name));
    body = coding->encode(body);
  }
  return body;
}

}  // namespace gantry::load
