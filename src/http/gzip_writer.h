#pragma once

// gzip out (RFC 1952), on zlib, in pieces; also for files that somebody else writes.

#include <memory>
#include <string>
#include <string_view>

namespace gantry::http {

enum class Flush {
  later,  // what compresses best
  now,    // all that was given can be read by the client
  end,    // of the stream
};

// It holds 32 KB instead of zlib's usual 256 KB: a server has many streams open at once, and
// JSON and text lose one or two hundredths by it.
class GzipWriter {
 public:
  GzipWriter();
  ~GzipWriter();
  GzipWriter(GzipWriter&&) noexcept;
  GzipWriter& operator=(GzipWriter&&) noexcept;

  std::string feed(std::string_view bytes, Flush flush);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry::http
