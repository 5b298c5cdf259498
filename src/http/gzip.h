#pragma once

// gzip in and out (RFC 1952), on zlib, in pieces. Private to the room.

#include "http/gzip_writer.h"
#include "http/refusal.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gantry::http {

// Decompresses a request's body. What comes out is counted while it comes out: a bomb stops at the limit.
class GzipReader {
 public:
  explicit GzipReader(std::uint64_t bytes_max);
  ~GzipReader();
  GzipReader(GzipReader&&) noexcept;
  GzipReader& operator=(GzipReader&&) noexcept;

  // Hands over what the bytes decompress to, in pieces that are valid during the call. 413 over the limit, 400 for what is
  // no gzip.
  std::expected<void, Refusal> feed(std::string_view bytes, const std::function<void(std::string_view)>& on_piece);
  // 400 when the stream has not ended.
  std::expected<void, Refusal> finish() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry::http
