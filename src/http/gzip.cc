#include "http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <span>
#include <utility>

namespace gantry::http {

namespace {

constexpr int kGzipOnly = 16;  // added to the window's size: zlib then reads and writes gzip's header

// zlib does not write to its input, but has it without const, and counts it in 32 bits.
void set_input(z_stream& stream, std::string_view bytes) {
  assert(bytes.size() <= std::numeric_limits<uInt>::max());
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
}

void set_output(z_stream& stream, std::span<char> room) {
  stream.next_out = reinterpret_cast<Bytef*>(room.data());
  stream.avail_out = static_cast<uInt>(room.size());
}

constexpr std::size_t kPieceBytes = 16 << 10;  // handed on at once; lives on the stack

}  // namespace

struct GzipReader::Impl {
  explicit Impl(std::uint64_t max) : bytes_max(max) {
    [[maybe_unused]] const int made = inflateInit2(&stream, MAX_WBITS + kGzipOnly);
    assert(made == Z_OK);  // only memory can be missing
  }
  ~Impl() { inflateEnd(&stream); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  z_stream stream = {};
  std::uint64_t bytes_max;
  std::uint64_t bytes = 0;  // that came out
  bool ended = false;       // at the end of a member
};

GzipReader::GzipReader(std::uint64_t bytes_max) : impl_(std::make_unique<Impl>(bytes_max)) {}
GzipReader::~GzipReader() = default;
GzipReader::GzipReader(GzipReader&&) noexcept = default;
GzipReader& GzipReader::operator=(GzipReader&&) noexcept = default;

std::expected<void, Refusal> GzipReader::feed(std::string_view bytes,
                                              const std::function<void(std::string_view)>& on_piece) {
  constexpr Refusal kNoGzip{400, "body is no gzip"};
  z_stream& stream = impl_->stream;
  set_input(stream, bytes);
  bool has_room = true;
  while (stream.avail_in > 0 || !has_room) {
    // A file of several members reads as their contents joined (RFC 1952 §2.2).
    if (std::exchange(impl_->ended, false)) inflateReset(&stream);
    std::array<char, kPieceBytes> room;
    // One byte more than is allowed tells a body at the limit from one over it.
    const std::uint64_t allowed = impl_->bytes_max - impl_->bytes;
    set_output(stream,
               std::span(room).first(allowed < kPieceBytes ? static_cast<std::size_t>(allowed) + 1 : kPieceBytes));
    const uInt offered = stream.avail_out;
    const int status = inflate(&stream, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) return std::unexpected(kNoGzip);
    const std::size_t size = offered - stream.avail_out;
    if (size > allowed) return std::unexpected(Refusal{413, "decompressed body too large"});
    impl_->bytes += size;
    if (size > 0) on_piece(std::string_view(room.data(), size));
    impl_->ended = status == Z_STREAM_END;
    has_room = stream.avail_out > 0 || impl_->ended;
  }
  return {};
}

std::expected<void, Refusal> GzipReader::finish() const {
  if (!impl_->ended) return std::unexpected(Refusal{400, "gzip body ends too early"});
  return {};
}

struct GzipWriter::Impl {
  Impl() {
    constexpr int kLevel = 5;        // past it, time grows faster than size falls
    constexpr int kWindowBits = 12;  // 4 KB of history, 16 KB of memory
    constexpr int kMemoryLevel = 5;  // 16 KB
    [[maybe_unused]] const int made =
        deflateInit2(&stream, kLevel, Z_DEFLATED, kWindowBits + kGzipOnly, kMemoryLevel, Z_DEFAULT_STRATEGY);
    assert(made == Z_OK);  // only memory can be missing
  }
  ~Impl() { deflateEnd(&stream); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  z_stream stream = {};
};

GzipWriter::GzipWriter() : impl_(std::make_unique<Impl>()) {}
GzipWriter::~GzipWriter() = default;
GzipWriter::GzipWriter(GzipWriter&&) noexcept = default;
GzipWriter& GzipWriter::operator=(GzipWriter&&) noexcept = default;

std::string GzipWriter::feed(std::string_view bytes, Flush flush) {
  z_stream& stream = impl_->stream;
  std::string out;
  // Never more than zlib can count, and in a piece only the last of which is flushed.
  constexpr std::size_t kInputMax = 1 << 30;
  do {
    const std::string_view part = bytes.substr(0, kInputMax);
    bytes.remove_prefix(part.size());
    const int mode = !bytes.empty() || flush == Flush::later ? Z_NO_FLUSH
                     : flush == Flush::now                   ? Z_SYNC_FLUSH
                                                             : Z_FINISH;
    set_input(stream, part);
    do {
      std::array<char, kPieceBytes> room;
      set_output(stream, room);
      deflate(&stream, mode);
      out.append(room.data(), room.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  } while (!bytes.empty());
  return out;
}

}  // namespace gantry::http
