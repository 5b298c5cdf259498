#pragma once

// The body of an answer, as it comes. What all bodies of the process take together is bounded: a target may send every VU a gigabyte, or
// ten thousand VUs a little each, and the machine is to outlive that. V8's heap and its ArrayBuffers, where a body goes next, have bounds
// of their own (script/isolate.h).
//
// Counted is the memory that a body has, not its length. Each thread counts its own and tells the others when it has come to something:
// most bodies are short, and to count one is an addition when it comes and one when it goes.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace gantry::load {

class KeptBody {
 public:
  // As much as a string of V8's may have.
  static constexpr std::size_t kBytesMax = (std::size_t{1} << 29) - 24;

  KeptBody() = default;
  // What was decoded of one; counted, whether there is room or not.
  explicit KeptBody(std::string text) : text_(std::move(text)) { count(); }
  KeptBody(KeptBody&& other) noexcept : text_(std::move(other.text_)), counted_(std::exchange(other.counted_, 0)) {
    other.text_.clear();
  }
  KeptBody& operator=(KeptBody&& other) noexcept {
    std::swap(text_, other.text_);
    std::swap(counted_, other.counted_);
    return *this;
  }
  ~KeptBody() {
    if (counted_ > 0) give_back();
  }

  // False where it would be too much together with all others: nothing is appended then.
  bool append(std::string_view bytes) {
    if (bytes.size() > text_.capacity() - text_.size() && !grow(text_.size() + bytes.size())) return false;
    text_.append(bytes);
    return true;
  }
  // Where there is room for that: whether there is for all that comes, append() says.
  void reserve(std::size_t bytes) {
    if (bytes > text_.capacity()) grow(bytes);
  }

  const std::string& text() const { return text_; }
  std::size_t size() const { return text_.size(); }
  bool empty() const { return text_.empty(); }
  friend bool operator==(const KeptBody& body, std::string_view text) { return body.text_ == text; }

  // Of all together, while they come and until a script has got them: a quarter of the machine's memory, but two of the longest at least.
  static std::size_t all_bytes_max();
  // How much more there may be of all together.
  static std::size_t room();

 private:
  bool grow(std::size_t bytes);
  void count();
  void give_back();

  std::string text_ = {};
  std::size_t counted_ = 0;
};

}  // namespace gantry::load
