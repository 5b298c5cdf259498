#pragma once

// A YAML list in flow style that stands on one line, `[{port: 80}, {port: 443}]`, taken apart and put together again.

#include "base/node.h"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

struct FlowList {
  std::size_t open = 0;               // columns from 0: of the bracket
  std::size_t close = 0;              // behind the other one
  std::vector<std::string> elements;  // as they are written

  // The line with the list as it is now.
  std::string put_into(std::string_view line) const;
};

// Nothing when the list is in block style, or reaches over several lines.
std::optional<FlowList> find_flow_list(const base::Node& list, std::string_view line);

// A document in block style as one line in flow style.
std::string in_flow_style(std::string_view yaml);

}  // namespace gantry::netpol
