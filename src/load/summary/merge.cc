#include "load/summary/merge.h"

#include "base/digest.h"
#include "base/json.h"
#include "load/options/segment.h"
#include "load/run/judging.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace gantry::load {

namespace {

using base::Node;
using base::Result;

// What may differ from part to part.
Node shared_options(Node options) {
  for (const std::string_view own : {"executionSegment", "executionSegmentSequence"}) options.erase(own);
  return options;
}

// The names of those members that are not the same in both.
std::vector<std::string> find_differences(const Node& a, const Node& b) {
  std::vector<std::string> names;
  for (const Node::Member& member : a.map()) {
    const Node* other = b.get(member.key);
    if (!other || base::dump_json(member.value) != base::dump_json(*other)) names.push_back(member.key);
  }
  for (const Node::Member& member : b.map())
    if (!a.get(member.key)) names.push_back(member.key);
  return names;
}

using Texts = std::map<std::string, std::string>;

std::vector<std::string> find_differences(const Texts& a, const Texts& b) {
  std::vector<std::string> names;
  for (const auto& [name, text] : a)
    if (const auto other = b.find(name); other == b.end() || other->second != text) names.push_back(name);
  for (const auto& [name, text] : b)
    if (!a.contains(name)) names.push_back(name);
  return names;
}

// Of those that both have read: a part may read files that are its own.
std::vector<std::string> find_changed_files(const Texts& a, const Texts& b) {
  std::vector<std::string> names = find_differences(a, b);
  std::erase_if(names, [&](const std::string& path) { return !a.contains(path) || !b.contains(path); });
  return names;
}

Result<void> check_alike(const PartOfRun& first, const PartOfRun& other) {
  const auto differ = [&](std::string_view what, const std::vector<std::string>& names) -> Result<void> {
    if (names.empty()) return {};
    return base::input_error(fmt::format("{} and {} are no parts of one run: {} differ: {}", first.name, other.name,
                                         what, fmt::join(names, ", ")),
                             {}, "merge what the same script wrote, with the same flags but for its segment");
  };
  const PartIdentity& a = first.identity;
  const PartIdentity& b = other.identity;
  TRY(differ("their files", find_changed_files(a.files, b.files)));
  if (first.outcome.script != other.outcome.script)
    TRY(differ("their scripts", {"the text of one is not the other's"}));
  TRY(differ("their options",
             find_differences(shared_options(first.outcome.options), shared_options(other.outcome.options))));
  TRY(differ("their variables (-e)", find_differences(a.variables, b.variables)));
  if (a.run != b.run) TRY(differ("the starts that they waited for", {"one began with others than the other"}));
  return {};
}

// How many VUs there are is said by each process of its own.
void add_vus(RunOutcome& into, const RunOutcome& from) {
  for (const BuiltInMetric metric : {BuiltInMetric::vus, BuiltInMetric::vus_max}) {
    const auto id = static_cast<MetricId>(metric);
    const Sink* sink = from.recorder->sink(id);
    const Sink* own = into.recorder->sink(id);
    if (!sink) continue;
    if (!own) {
      into.recorder->merge(id, *sink);
      continue;
    }
    into.recorder->replace(id, std::get<GaugeSink>(*own).plus(std::get<GaugeSink>(*sink)));
  }
}

Result<void> merge_metrics(RunOutcome& into, const RunOutcome& from) {
  const MetricRegistry& registry = *from.registry;
  for (MetricId other = 0; other < registry.size(); ++other) {
    const Metric& metric = registry[other];
    const MetricId id = TRY(into.registry->declare(metric.name, metric.type, metric.contains));
    const bool is_own =
        other == static_cast<MetricId>(BuiltInMetric::vus) || other == static_cast<MetricId>(BuiltInMetric::vus_max);
    if (const Sink* sink = from.recorder->sink(other); sink && !is_own) into.recorder->merge(id, *sink);
    for (const MetricSelector& selector : from.recorder->parts(other))
      into.recorder->merge(selector, *from.recorder->sink(selector.text));
  }
  add_vus(into, from);
  return {};
}

void merge_checks(ScriptCheckList& into, const ScriptCheckList& from) {
  for (const ScriptCheck& check : from) {
    ScriptCheck& own = check_of(into, check.name);
    own.passes += check.passes;
    own.fails += check.fails;
  }
}

void merge_groups(ScriptGroup& into, const ScriptGroup& from) {
  merge_checks(into.checks, from.checks);
  for (const ScriptGroup& group : from.groups) merge_groups(into.at("::" + group.name), group);
}

void merge_measurement(Measurement& into, const Measurement& from) {
  for (const ScenarioTimes& scenario : from.scenarios) {
    const auto found = std::ranges::find(into.scenarios, scenario.name, &ScenarioTimes::name);
    if (found == into.scenarios.end())
      into.scenarios.push_back(scenario);
    else
      found->responses.merge(scenario.responses);
  }
  into.series.merge(from.series);
  into.generator.merge(from.generator);
}

Result<void> merge_into(RunOutcome& into, const RunOutcome& from) {
  TRY(merge_metrics(into, from));
  merge_checks(into.checks.by_name, from.checks.by_name);
  merge_groups(into.checks.groups, from.checks.groups);
  merge_measurement(into.measurement, from.measurement);
  for (std::size_t i = 0; i < into.scenarios.size(); ++i) {
    into.scenarios[i].completed += from.scenarios[i].completed;
    into.scenarios[i].interrupted += from.scenarios[i].interrupted;
    into.scenarios[i].dropped += from.scenarios[i].dropped;
  }
  into.duration = std::max(into.duration, from.duration);
  into.slept += from.slept;
  return {};
}

// A threshold that ended it early left an error.
bool has_come_to_its_end(const RunOutcome& outcome) {
  return outcome.end == RunEnd::passed || (outcome.end == RunEnd::thresholds_crossed && !outcome.error);
}

// Where none says which segment it had, each may have been a whole.
Gaps look_at_segments(const std::vector<PartOfRun>& parts) {
  std::vector<Segment> segments;
  bool has_segments = false;
  for (const PartOfRun& part : parts) {
    const std::string_view text = part.outcome.options.text("executionSegment");
    has_segments |= !text.empty();
    if (const auto segment = parse_segment(text)) segments.push_back(*segment);
  }
  return has_segments ? find_gaps(std::move(segments)) : Gaps();
}

std::vector<std::string> find_repeated(const std::vector<PartOfRun>& parts) {
  std::vector<std::string> sentences;
  std::map<std::string_view, std::string_view> names;  // by process
  for (const PartOfRun& part : parts) {
    const auto [before, is_first] = names.try_emplace(part.identity.process, part.name);
    if (!is_first) sentences.push_back(fmt::format("{} and {} are of one process", before->second, part.name));
  }
  return sentences;
}

// Into the remarks, and which of them leave the run undecided.
void weigh_parts(const std::vector<PartOfRun>& parts, const MergeRules& rules, MergedRun& merged) {
  const Gaps gaps = look_at_segments(parts);
  const std::vector<std::string> repeated = find_repeated(parts);
  for (const auto* sentences : {&rules.missing, &gaps.missing}) {
    merged.is_undecided |= !sentences->empty() && !rules.allows_missing;
    merged.remarks.insert(merged.remarks.end(), sentences->begin(), sentences->end());
  }
  for (const auto* sentences : {&rules.twice, &gaps.twice, &repeated}) {
    merged.is_undecided |= !sentences->empty();
    merged.remarks.insert(merged.remarks.end(), sentences->begin(), sentences->end());
  }
}

// How the run ended is how the first part did that did not come to its end.
void tell_end(const std::vector<PartOfRun>& parts, const MergeRules& rules, MergedRun& merged) {
  bool is_first = true;
  for (const PartOfRun& part : parts) {
    if (part.outcome.has_begun && has_come_to_its_end(part.outcome)) continue;
    const std::string reason = part.outcome.error ? part.outcome.error->message : "it did not come to its end";
    std::string message = fmt::format("{}: {}", part.name, reason);
    if (!part.outcome.has_begun) {
      message = fmt::format("{} failed before it began: {}", part.name, reason);
      merged.is_undecided |= !rules.allows_missing;
    }
    if (!std::exchange(is_first, false)) {
      merged.remarks.push_back(std::move(message));
      continue;
    }
    merged.exit_code = part.exit_code;
    merged.outcome.end = part.outcome.end;
    if (part.outcome.error) merged.outcome.error = part.outcome.error;
    if (part.outcome.error) merged.outcome.error->message = std::move(message);
  }
}

}  // namespace

// A part knows nothing of the others but what all were given, and writes its fingerprints where others than they may read them. So there is
// no key that they share and a reader lacks; what keeps a value is that guessing is slow, by scrypt (RFC 7914), and has to begin anew for
// each variable of each script.
Result<Texts> make_fingerprints(const Texts& variables, std::string_view script) {
  constexpr std::uint64_t kCost = 1 << 15;  // with the next two: 32 MiB
  constexpr std::uint64_t kBlock = 8;
  constexpr std::uint64_t kLanes = 1;
  constexpr std::uint64_t kMemoryMax = 64 << 20;
  constexpr std::size_t kLetters = 32;  // 128 bits
  Texts fingerprints;
  for (const auto& [name, value] : variables) {
    const std::string salt = base::DigestBuilder().add("gantry-load-variable").add(name).add(script).hex();
    std::array<unsigned char, 32> key{};
    if (EVP_PBE_scrypt(value.data(), value.size(), reinterpret_cast<const unsigned char*>(salt.data()), salt.size(),
                       kCost, kBlock, kLanes, kMemoryMax, key.data(), key.size()) != 1)
      return base::environment_error("there is no memory for the fingerprint of a variable (-e)",
                                     "give the process 64 MiB more");
    fingerprints[name] = base::sha256_hex({reinterpret_cast<const char*>(key.data()), key.size()}).substr(0, kLetters);
  }
  return fingerprints;
}

Result<MergedRun> merge_runs(std::vector<PartOfRun> parts, const MergeRules& rules) {
  MergedRun merged;
  tell_end(parts, rules, merged);
  std::erase_if(parts, [](const PartOfRun& part) { return !part.outcome.has_begun; });
  for (const PartOfRun& part : parts) TRY(check_alike(parts.front(), part));
  weigh_parts(parts, rules, merged);
  if (parts.empty()) return merged;
  const RunEnd end = merged.outcome.end;
  std::optional<base::Error> error = std::move(merged.outcome.error);
  RunOutcome& all = merged.outcome;
  all = std::move(parts.front().outcome);
  for (std::size_t i = 1; i < parts.size(); ++i) TRY(merge_into(all, parts[i].outcome));
  all.options = shared_options(std::move(all.options));
  all.end = end;
  all.error = std::move(error);
  // A verdict on a part of the load, or on some of it twice, would be about another load.
  if (merged.is_undecided)
    for (JudgedMetric& metric : all.thresholds) metric.thresholds.clear();
  judge_thresholds(all, all.duration);
  if (end == RunEnd::passed && has_crossed(all)) all.end = RunEnd::thresholds_crossed;
  if (merged.exit_code == 0) merged.exit_code = exit_code(all.end);
  return merged;
}

}  // namespace gantry::load
