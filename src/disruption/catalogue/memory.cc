// A store that may keep as much as its container may use (disruption reference, §11.3, W15): what it says of its own maximum, beside
// the memory limit.

#include "disruption/catalogue/rules.h"
#include "disruption/systems/known_systems.h"
#include "kube/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace gantry::disruption {

using base::Finding;

namespace {

// Which setting of which images says it. Of a single letter the JVM makes 1024, Redis and NATS 1000.
struct MemorySetting {
  std::array<std::string_view, 4> images;  // "" ends the list
  std::string_view key;
  std::int64_t letter;  // what k, m and g multiply by; with a "b" or "i" behind it is 1024
};
constexpr MemorySetting kSettings[] = {
    {{"redis", "valkey", "redis-stack-server"}, "maxmemory", 1000},
    {{"nats", "nats-server"}, "max_memory_store", 1000},
    {{"nats", "nats-server"}, "max_mem", 1000},
    {{"elasticsearch", "opensearch", "kafka", "cp-kafka"}, "-Xmx", 1024},
    {{"zookeeper", "cp-zookeeper", "cassandra", "solr"}, "-Xmx", 1024},
};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }

// "256mb", "1Gi", "268435456".
std::optional<double> parse_bytes(std::string_view text, std::int64_t letter) {
  double amount = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), amount);
  if (failure != std::errc{}) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const auto at = [&](std::size_t i) {
    return i < text.size() ? static_cast<char>(std::tolower(static_cast<unsigned char>(text[i]))) : ' ';
  };
  constexpr std::string_view kLetters = "kmgt";
  const std::size_t power = kLetters.find(at(0));
  if (power == std::string_view::npos) return amount;
  const double base = at(1) == 'b' || at(1) == 'i' ? 1024.0 : static_cast<double>(letter);
  for (std::size_t i = 0; i <= power; ++i) amount *= base;
  return amount;
}

// The last one counts, as it does for the programs.
std::optional<double> find_setting(std::string_view settings, const MemorySetting& setting) {
  std::optional<double> found;
  for (std::size_t at = 0; (at = settings.find(setting.key, at)) != std::string_view::npos;) {
    const bool starts = at == 0 || !is_word(settings[at - 1]) || settings[at - 1] == '-';
    at += setting.key.size();
    const bool is_flag = setting.key.starts_with('-');
    if (!starts || (!is_flag && at < settings.size() && is_word(settings[at]))) continue;
    const std::size_t value = settings.find_first_not_of(" \t:=\"'", at);
    if (value == std::string_view::npos) break;
    if (const std::optional<double> bytes = parse_bytes(settings.substr(value), setting.letter)) found = bytes;
  }
  return found;
}

}  // namespace

void judge_memory(const kube::Snapshot& snapshot, const kube::Workload& workload, std::vector<Finding>& findings) {
  std::vector<const kube::LimitRange*> ranges;
  for (const kube::LimitRange& range : kube::in_namespace(snapshot->limit_ranges, workload.name_space()))
    ranges.push_back(&range);
  for (const kube::Container& container : workload.pod_template.spec->containers) {
    const kube::ResourceList limits = kube::effective_resources(container, ranges).limits;
    const auto limit = limits.find("memory");
    if (limit == limits.end()) continue;
    for (const MemorySetting& setting : kSettings) {
      const std::string_view image = image_name(container.image);
      if (image.empty() || std::ranges::find(setting.images, image) == setting.images.end()) continue;
      const std::optional<double> most = find_setting(settings_text(snapshot, workload, container), setting);
      if (!most || *most < limit->second.as_double()) continue;
      findings.push_back(make_finding(
          "workload.memory-at-limit", to_string(workload.object.id), container.where,
          fmt::format("container {} may keep {:.0f} MiB ({}), and its memory limit is {}", container.name,
                      *most / (1 << 20), setting.key, to_string(limit->second)),
          "raise the limit well above that, or lower the maximum: buffers, forks and connections come on top"));
    }
  }
}

}  // namespace gantry::disruption
