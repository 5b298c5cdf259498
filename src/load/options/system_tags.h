#pragma once

// The option systemTags: which of k6's own tags samples get (k6 reference, §9.1). Private to load.

#include "base/node.h"
#include "base/result.h"
#include "load/metrics/recorder.h"

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gantry::load {

// Sorted by name, as CSV has its columns.
enum class SystemTag : std::uint8_t {
  check,
  error,
  error_code,
  expected_response,
  group,
  ip,
  iter,
  method,
  name,
  ocsp_status,
  proto,
  scenario,
  service,
  status,
  subproto,
  tls_version,
  url,
  vu,
};
std::string_view to_string(SystemTag tag);
std::optional<SystemTag> find_system_tag(std::string_view name);

class SystemTags {
 public:
  SystemTags();  // the usual: all but ip, iter, ocsp_status and vu
  // Errors: input: no list of texts. A text that is no tag's name is passed over, as k6 does.
  static base::Result<SystemTags> read(const base::Node& options);

  bool has(SystemTag tag) const { return enabled_[static_cast<std::size_t>(tag)]; }
  // Those that tell series apart. iter and vu never do: they go with a sample as its metadata.
  std::vector<std::string_view> indexed() const;
  // Where it is among them.
  void set(Tags& tags, SystemTag tag, std::string_view value) const {
    if (has(tag)) set_tag(tags, to_string(tag), value);
  }

 private:
  static constexpr std::size_t kCount = static_cast<std::size_t>(SystemTag::vu) + 1;
  std::bitset<kCount> enabled_;
};

}  // namespace gantry::load
