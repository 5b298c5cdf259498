#include "netpol/profiles.h"

#include "base/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>

namespace gantry::netpol {

namespace {

constexpr std::array kTopics = {
    ProfileTopic::ip_block_on_pods,  ProfileTopic::host_network_pods,
    ProfileTopic::end_port,          ProfileTopic::sctp,
    ProfileTopic::own_node_egress,   ProfileTopic::sidecar_port_names,
    ProfileTopic::baseline_finality, ProfileTopic::admin_tiers,
    ProfileTopic::service_hairpin,   ProfileTopic::ip_block_on_cluster_ips,
    ProfileTopic::service_ports,
};
static_assert(kTopics.size() == static_cast<std::size_t>(ProfileTopic::service_ports) + 1);

// Network policy reference, §18, §5 and §7. Only what was found stated is here; everything else is as the conformance tests ask.
constexpr std::array kProfiles = {
    NamedProfile{"conformant", "as the upstream conformance tests ask", Profile{}},
    NamedProfile{"cilium",
                 "an ipBlock never matches a pod of the cluster (a limitation that Cilium documents), and a pod "
                 "reaches itself through its Service",
                 Profile{.ip_block_matches_pods = false, .service_hairpin_is_policed = false}},
    NamedProfile{"basic", "an old or minimal plugin: first port of a range only, no SCTP, no administrator's tiers",
                 Profile{.end_port_is_enforced = false, .sctp_is_enforced = false, .admin_tiers_are_enforced = false}},
};

using base::Result;

template <typename Range, typename Name>
std::unexpected<base::Error> no_such_name(std::string_view what, std::string_view word, const Range& range,
                                          const Name& name) {
  std::vector<std::string_view> names;
  for (const auto& each : range) names.push_back(name(each));
  const std::optional<std::string_view> nearest = base::nearest_name(word, names);
  return base::input_error(
      fmt::format("there is no {} \"{}\"", what, word), {},
      nearest ? fmt::format("did you mean {}?", *nearest) : fmt::format("there are: {}", fmt::join(names, ", ")));
}

Result<const NamedProfile*> profile_named(std::string_view name) {
  if (const NamedProfile* found = find_profile(name)) return found;
  return no_such_name("profile", name, kProfiles, [](const NamedProfile& each) { return each.name; });
}

Result<ProfileTopic> topic_named(std::string_view name) {
  if (const std::optional<ProfileTopic> found = find_topic(name)) return *found;
  return no_such_name("topic", name, kTopics, [](ProfileTopic each) { return to_string(each); });
}

template <typename T>
Result<T> placed(Result<T> result, const base::SourcePos& where) {
  if (!result) result.error().where = where;
  return result;
}

Result<std::string> text_of(const base::Node& node, std::string_view key) {
  if (node.is_string()) return node.string();
  return base::input_error(fmt::format("\"{}\" must be text", key), node.pos());
}

}  // namespace

std::span<const ProfileTopic> profile_topics() { return kTopics; }

std::optional<ProfileTopic> find_topic(std::string_view name) {
  const auto* const found = std::ranges::find(kTopics, name, [](ProfileTopic topic) { return to_string(topic); });
  return found == kTopics.end() ? std::nullopt : std::optional(*found);
}

std::span<const NamedProfile> named_profiles() { return kProfiles; }

const NamedProfile* find_profile(std::string_view name) {
  const auto* const found = std::ranges::find(kProfiles, name, &NamedProfile::name);
  return found == kProfiles.end() ? nullptr : found;
}

PluginChoice PluginChoice::or_else(const PluginChoice& other) const {
  if (profile) return *this;
  return {.profile = other.profile, .differs = differs ? differs : other.differs};
}

Profile PluginChoice::answers() const {
  Profile answers = profile ? profile->profile : Profile();
  if (!differs) return answers;
  for (const ProfileTopic topic : *differs) answers = answers.flipped(topic);
  return answers;
}

Result<PluginChoice> choose_plugin(std::string_view profile, std::span<const std::string> differs) {
  PluginChoice choice;
  if (!profile.empty()) choice.profile = TRY(profile_named(profile));
  if (differs.empty()) return choice;
  choice.differs.emplace();
  for (const std::string& topic : differs) choice.differs->push_back(TRY(topic_named(topic)));
  return choice;
}

Result<PluginChoice> parse_plugin(const base::Node& block) {
  PluginChoice choice;
  if (const base::Node* profile = block.get("profile")) {
    const std::string name = TRY(text_of(*profile, "profile"));
    choice.profile = TRY(placed(profile_named(name), profile->pos()));
  }
  const base::Node* differs = block.get("differs");
  if (!differs) return choice;
  if (!differs->is_array())
    return base::input_error("\"differs\" is a list of topics", differs->pos(), "for example [end-port]");
  choice.differs.emplace();
  for (const base::Node& node : differs->array()) {
    const std::string name = TRY(text_of(node, "differs"));
    choice.differs->push_back(TRY(placed(topic_named(name), node.pos())));
  }
  return choice;
}

}  // namespace gantry::netpol
