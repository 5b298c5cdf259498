#pragma once

// Lines for a file: written in large pieces, and silent after the first that could not be. Private to load.

#include "load/output/output.h"

#include <memory>
#include <string>
#include <utility>

namespace gantry::load {

class TextFile {
 public:
  explicit TextFile(std::unique_ptr<ByteSink> sink) : sink_(std::move(sink)) {}

  // What is appended to this goes to the file with the next call of flush_full().
  std::string& text() { return text_; }
  void flush_full() {
    if (text_.size() >= kPieceBytes) flush();
  }
  base::Result<void> close() {
    flush();
    const base::Result<void> closed = sink_->close();
    return written_ ? closed : written_;
  }

 private:
  static constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

  void flush() {
    if (written_ && !text_.empty()) written_ = sink_->write(text_);
    text_.clear();
  }

  std::unique_ptr<ByteSink> sink_;
  std::string text_ = {};
  base::Result<void> written_ = {};
};

}  // namespace gantry::load
