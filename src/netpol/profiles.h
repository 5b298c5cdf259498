#pragma once

// Profiles by name, and the topics of a profile by theirs.

#include "base/node.h"
#include "base/result.h"
#include "netpol/profile.h"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gantry::netpol {

// Every topic, in the order of the enumeration.
std::span<const ProfileTopic> profile_topics();
std::optional<ProfileTopic> find_topic(std::string_view name);  // "ip-block-on-pods"

// What is known of a network plugin: its own documentation or its tests say so.
struct NamedProfile {
  std::string_view name;
  std::string_view summary;
  Profile profile;
};
std::span<const NamedProfile> named_profiles();
const NamedProfile* find_profile(std::string_view name);

// What somebody says of their network plugin: a profile by name, and topics that it answers otherwise.
struct PluginChoice {
  const NamedProfile* profile = nullptr;             // null: not said
  std::optional<std::vector<ProfileTopic>> differs;  // absent: not said

  // Where this says nothing the other counts; who names a profile has said everything.
  PluginChoice or_else(const PluginChoice& other) const;
  // The conformant one where nobody has said anything.
  Profile answers() const;
  friend bool operator==(const PluginChoice&, const PluginChoice&) = default;
};
// Errors: input, with the nearest right name.
base::Result<PluginChoice> choose_plugin(std::string_view profile, std::span<const std::string> differs);
// `profile` and `differs`, a list, of a map that people write. Errors: input, at the value, with the nearest right name.
base::Result<PluginChoice> parse_plugin(const base::Node& block);

}  // namespace gantry::netpol
