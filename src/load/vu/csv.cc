#include "load/vu/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gantry::load {

using base::input_error;
using base::Result;

namespace {

class Reader {
 public:
  Reader(std::string_view text, std::size_t offset, std::string_view delimiter)
      : text_(text), at_(std::min(offset, text.size())), delimiter_(delimiter) {}

  Result<std::optional<CsvRecord>> read() {
    while (take_line_end()) {
    }
    if (at_ >= text_.size()) return std::nullopt;
    CsvRecord record;
    do record.fields.push_back(TRY(text_.substr(at_).starts_with('"') ? quoted() : bare()));
    while (take(delimiter_));
    take_line_end();
    record.next = at_;
    return record;
  }

 private:
  bool take(std::string_view what) {
    if (!text_.substr(at_).starts_with(what)) return false;
    at_ += what.size();
    return true;
  }
  bool take_line_end() { return take("\r\n") || take("\n"); }
  bool is_at_end() const {
    const std::string_view rest = text_.substr(at_);
    return rest.empty() || rest.starts_with('\n') || rest.starts_with("\r\n") || rest.starts_with(delimiter_);
  }
  std::unexpected<base::Error> fail(std::string_view why) const {
    const std::string_view before = text_.substr(0, at_);
    const std::size_t line_begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return input_error(fmt::format("parse error on line {}, column {}: {}", std::ranges::count(before, '\n') + 1,
                                   at_ - line_begin + 1, why));
  }

  Result<std::string> bare() {
    const std::size_t begin = at_;
    for (; !is_at_end(); ++at_)
      if (text_[at_] == '"') return fail("bare \" in non-quoted-field");
    return std::string(text_.substr(begin, at_ - begin));
  }

  // Two quotes are one; the end of a line is part of it.
  Result<std::string> quoted() {
    std::string field;
    for (++at_; at_ < text_.size(); ++at_) {
      if (take("\"\"")) {
        field += '"';
        --at_;
      } else if (text_[at_] == '"') {
        ++at_;
        if (is_at_end()) return field;
        return fail("extraneous or missing \" in quoted-field");
      } else if (!text_.substr(at_).starts_with("\r\n")) {
        field += text_[at_];
      }
    }
    return fail("extraneous or missing \" in quoted-field");
  }

  std::string_view text_;
  std::size_t at_;
  std::string_view delimiter_;
};

}  // namespace

Result<std::optional<CsvRecord>> read_csv(std::string_view text, std::size_t offset, std::string_view delimiter) {
  return Reader(text, offset, delimiter).read();
}

}  // namespace gantry::load
