#include "load/options/known.h"

#include "base/text.h"
#include "load/http/cipher_suites.h"
#include "load/options/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace gantry::load {

namespace {

using base::Node;

enum class Effect { works, in_a_file, none };

struct KnownOption {
  std::string_view name;
  Effect effect;
};

constexpr std::array kOptions = {
    KnownOption{"batch", Effect::works},
    KnownOption{"batchPerHost", Effect::works},
    KnownOption{"blacklistIPs", Effect::works},
    KnownOption{"blockHostnames", Effect::works},
    KnownOption{"cloud", Effect::none},
    KnownOption{"discardResponseBodies", Effect::works},
    KnownOption{"dns", Effect::works},
    KnownOption{"duration", Effect::works},
    KnownOption{"executionSegment", Effect::works},
    KnownOption{"executionSegmentSequence", Effect::works},
    KnownOption{"ext", Effect::none},
    KnownOption{"handleSummaryTimeout", Effect::works},
    KnownOption{"hosts", Effect::works},
    KnownOption{"httpDebug", Effect::works},
    KnownOption{"insecureSkipTLSVerify", Effect::works},
    KnownOption{"iterations", Effect::works},
    KnownOption{"linger", Effect::none},
    KnownOption{"localIPs", Effect::works},
    KnownOption{"maxRedirects", Effect::works},
    KnownOption{"metricSamplesBufferSize", Effect::none},
    KnownOption{"minIterationDuration", Effect::works},
    KnownOption{"noConnectionReuse", Effect::works},
    KnownOption{"noCookiesReset", Effect::works},
    KnownOption{"noSetup", Effect::works},
    KnownOption{"noTeardown", Effect::works},
    KnownOption{"noUsageReport", Effect::none},
    KnownOption{"noVUConnectionReuse", Effect::works},
    KnownOption{"paused", Effect::works},
    KnownOption{"rps", Effect::works},
    KnownOption{"scenarios", Effect::works},
    KnownOption{"setupTimeout", Effect::works},
    KnownOption{"stages", Effect::works},
    KnownOption{"summaryTimeUnit", Effect::works},
    KnownOption{"summaryTrendStats", Effect::works},
    KnownOption{"systemTags", Effect::works},
    KnownOption{"tags", Effect::works},
    KnownOption{"teardownTimeout", Effect::works},
    KnownOption{"thresholds", Effect::works},
    KnownOption{"throw", Effect::works},
    KnownOption{"tlsAuth", Effect::works},
    KnownOption{"tlsCipherSuites", Effect::works},
    KnownOption{"tlsVersion", Effect::works},
    KnownOption{"userAgent", Effect::works},
    KnownOption{"vus", Effect::works},
    KnownOption{"webDashboard", Effect::in_a_file},
};

std::string unknown_option(std::string_view key) {
  const std::optional<std::string_view> nearest = base::nearest_name(key, known_options());
  return fmt::format("the option {} is unknown and has no effect{}", key,
                     nearest ? fmt::format("; did you mean {}?", *nearest) : std::string());
}

bool is_empty(const Node* option) {
  return option && ((option->is_array() && option->array().empty()) || (option->is_map() && option->map().empty()));
}

// What was to say how long the script plays, and does not (k6 reference, §5.2).
void find_empty(const Node& options, std::vector<std::string>& sentences) {
  const OptionFields fields(options, "options");
  const Node* const stages = fields.get("stages");
  const Node* const scenarios = fields.get("scenarios");
  if (fields.has("iterations") || fields.has("duration") || (fields.has("vus") && !stages)) return;
  if ((stages && !is_empty(stages)) || (scenarios && !is_empty(scenarios))) return;
  if (stages) sentences.emplace_back("the option stages has no stage with a duration: one VU plays one iteration");
  if (scenarios) sentences.emplace_back("the option scenarios is empty: one VU plays one iteration");
}

// Go still speaks what is broken, and scripts name it.
void find_broken_suites(const Node& options, std::vector<std::string>& sentences) {
  const Node* const list = OptionFields(options, "options").get("tlsCipherSuites");
  if (!list || !list->is_array()) return;
  for (const Node& name : list->array()) {
    const CipherSuite* const suite = name.is_string() ? find_cipher_suite(name.string()) : nullptr;
    if (suite && suite->openssl.empty())
      sentences.push_back(
          fmt::format("tlsCipherSuites {} is broken, and OpenSSL has it no more: it is not offered", suite->name));
  }
}

}  // namespace

std::span<const std::string_view> known_options() {
  static constexpr auto kNames = [] {
    std::array<std::string_view, kOptions.size()> names;
    std::ranges::transform(kOptions, names.begin(), &KnownOption::name);
    return names;
  }();
  return kNames;
}

std::vector<std::string> find_ineffective(const Node& options) {
  std::vector<std::string> sentences;
  if (!options.is_map()) return sentences;
  for (const Node::Member& member : options.map()) {
    const auto option = std::ranges::find(kOptions, member.key, &KnownOption::name);
    if (option == kOptions.end())
      sentences.push_back(unknown_option(member.key));
    else if (option->effect == Effect::in_a_file)
      sentences.push_back(
          fmt::format("the option {} has no effect in a script, only in a configuration file", member.key));
  }
  find_empty(options, sentences);
  find_broken_suites(options, sentences);
  return sentences;
}

}  // namespace gantry::load
