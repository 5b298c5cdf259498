#include "load/http/zlib_coding.h"

#include <zlib.h>

#include <memory>

namespace gantry::load {

namespace {

constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

// What zlib calls its formats.
constexpr int kZlib = MAX_WBITS;
constexpr int kGzip = MAX_WBITS + 16;

template <int format>
std::expected<std::string, std::string> inflate_body(const std::string& body, std::size_t bytes_max) {
  z_stream stream{};
  if (::inflateInit2(&stream, format) != Z_OK) return std::unexpected("there is no memory");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owned(&stream, ::inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  std::string result;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    const std::size_t before = result.size();
    if (before > bytes_max) return std::unexpected(std::string(kUnpacksToTooMuch));
    result.resize(before + kPieceBytes);
    stream.next_out = reinterpret_cast<Bytef*>(result.data() + before);
    stream.avail_out = static_cast<uInt>(kPieceBytes);
    status = ::inflate(&stream, Z_NO_FLUSH);
    result.resize(result.size() - stream.avail_out);
    if (status != Z_OK && status != Z_STREAM_END)
      return std::unexpected(stream.msg ? stream.msg : stream.avail_in == 0 ? "unexpected EOF" : "invalid data");
    // A gzip file is one member after the other (RFC 1952, §2.2).
    if (format == kGzip && status == Z_STREAM_END && stream.avail_in > 0) status = ::inflateReset(&stream);
  }
  return result;
}

template <int format>
std::string deflate_body(const std::string& body) {
  z_stream stream{};
  if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owned(&stream, ::deflateEnd);
  std::string result(::deflateBound(&stream, body.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  ::deflate(&stream, Z_FINISH);
  result.resize(result.size() - stream.avail_out);
  return result;
}

}  // namespace

std::expected<std::string, std::string> decode_gzip(const std::string& body, std::size_t bytes_max) {
  return inflate_body<kGzip>(body, bytes_max);
}
std::string encode_gzip(const std::string& body) { return deflate_body<kGzip>(body); }

std::expected<std::string, std::string> decode_deflate(const std::string& body, std::size_t bytes_max) {
  return inflate_body<kZlib>(body, bytes_max);
}
std::string encode_deflate(const std::string& body) { return deflate_body<kZlib>(body); }

}  // namespace gantry::load
