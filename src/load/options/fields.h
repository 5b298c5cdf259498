#pragma once

// Keys of an options object, read with k6's rules and refused in words. Private to load.

#include "base/node.h"
#include "base/result.h"
#include "load/options/duration.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gantry::load {

class OptionFields {
 public:
  // `what` names the object in messages: "scenario baseline". Both outlive this.
  OptionFields(const base::Node& node, std::string what) : node_(node), what_(std::move(what)) {}

  // Errors: input: a key that is none of these, with the nearest.
  base::Result<void> require_known(std::span<const std::string_view> known) const;

  bool has(std::string_view key) const;  // and not null
  const base::Node* get(std::string_view key) const { return has(key) ? node_.get(key) : nullptr; }
  // `otherwise` where there is none. Errors: input: another kind, below `least`.
  base::Result<std::int64_t> integer(std::string_view key, std::int64_t otherwise, std::int64_t least) const;
  base::Result<Duration> duration(std::string_view key, Duration otherwise, Duration least) const;
  base::Result<bool> boolean(std::string_view key, bool otherwise) const;
  base::Result<std::string> text(std::string_view key, std::string_view otherwise) const;
  base::Result<std::map<std::string, std::string>> texts(std::string_view key) const;
  // The same where the key must be there.
  base::Result<std::int64_t> required_integer(std::string_view key, std::int64_t least) const;
  base::Result<Duration> required_duration(std::string_view key, Duration least) const;

  std::unexpected<base::Error> refuse(std::string_view key, std::string_view why, std::string help = {}) const;
  const std::string& what() const { return what_; }

 private:
  base::Result<void> require(std::string_view key) const;

  const base::Node& node_;
  std::string what_;
};

}  // namespace gantry::load
