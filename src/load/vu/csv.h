#pragma once

// Records of comma separated values, as Go's encoding/csv reads them (RFC 4180), which is what k6/experimental/csv is made of.

#include "base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

struct CsvRecord {
  std::vector<std::string> fields = {};
  std::size_t next = 0;  // the offset behind it
};

// The record at an offset, or behind the empty lines there; nothing at the end of the text. Errors: input: a quote in a field that does not
// begin with one, something behind a closing quote, a quote that nothing closes.
base::Result<std::optional<CsvRecord>> read_csv(std::string_view text, std::size_t offset, std::string_view delimiter);

}  // namespace gantry::load
