#pragma once

// Profiles by name, and the topics of a profile by theirs.

#include "netpol/profile.h"

#include <optional>
#include <span>
#include <string_view>

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

}  // namespace gantry::netpol
