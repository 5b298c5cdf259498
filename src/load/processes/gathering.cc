#include "load/processes/gathering.h"

#include "base/json.h"
#include "load/run/judging.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace gantry::load {

namespace {

using base::Node;
using base::Result;

void drop_thresholds(RunOutcome& outcome) {
  for (JudgedMetric& metric : outcome.thresholds) metric.thresholds.clear();
}

// The numbers of the first line, which goes.
template <std::size_t Count>
std::optional<std::array<std::size_t, Count>> read_lengths(std::string_view& bytes) {
  std::array<std::size_t, Count> numbers{};
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  for (std::size_t i = 0; i < Count; ++i) {
    const auto [rest, error] = std::from_chars(at, end, numbers[i]);
    if (error != std::errc() || rest == end || *rest != (i + 1 < Count ? ' ' : '\n')) return std::nullopt;
    at = rest + 1;
  }
  bytes.remove_prefix(static_cast<std::size_t>(at - bytes.data()));
  return numbers;
}

}  // namespace

std::string name_of_process(std::size_t process, std::size_t of) {
  return fmt::format("process {} of {}", process + 1, of);
}

bool may_abort(const Node& options) {
  const Node* const thresholds = options.get("thresholds");
  if (!thresholds || !thresholds->is_map()) return false;
  for (const Node::Member& metric : thresholds->map()) {
    if (!metric.value.is_array()) continue;
    for (const Node& threshold : metric.value.array())
      if (const Node* aborts = threshold.is_map() ? threshold.get("abortOnFail") : nullptr)
        if (aborts->is_bool() && aborts->boolean()) return true;
  }
  return false;
}

std::string write_summary(const RunOutcome& outcome, const PartIdentity& identity) {
  Node node = Node::Map{{"summary", make_mergeable(outcome, identity), {}}};
  if (outcome.error) node.set("error", to_node(*outcome.error));
  return base::dump_json(node);
}

std::string write_failure(const base::Error& error, int exit_code) {
  return base::dump_json(Node::Map{{"error", to_node(error), {}}, {"exit_code", exit_code, {}}});
}

std::string write_whole(const RunOutcome& outcome) { return base::dump_json(make_mergeable(outcome, {})); }

Result<RunOutcome> read_whole(std::string_view bytes, bool judges) {
  const Node node = TRY(base::load_json(bytes, "the run"));
  std::vector<PartOfRun> parts;
  parts.push_back(TRY(read_mergeable(node, "the run")));
  if (!judges) drop_thresholds(parts.front().outcome);
  return TRY(merge_runs(std::move(parts))).outcome;
}

// How many, and of each how long its name and its text are, and these.
std::string write_texts(const std::map<std::string, std::string>& texts) {
  std::string bytes = fmt::format("{}\n", texts.size());
  for (const auto& [name, text] : texts) bytes += fmt::format("{} {}\n{}{}", name.size(), text.size(), name, text);
  return bytes;
}

Result<std::map<std::string, std::string>> read_texts(std::string_view bytes) {
  const auto count = read_lengths<1>(bytes);
  if (!count) return base::input_error("a process of the run handed in no texts");
  std::map<std::string, std::string> texts;
  for (std::size_t i = 0; i < count->front(); ++i) {
    const auto lengths = read_lengths<2>(bytes);
    if (!lengths) return base::input_error("a process of the run handed in half a text");
    const auto [name, text] = *lengths;
    if (name > bytes.size() || text > bytes.size() - name) return base::input_error("a text of a process is cut short");
    texts[std::string(bytes.substr(0, name))] = bytes.substr(name, text);
    bytes.remove_prefix(name + text);
  }
  return texts;
}

Result<void> Gathering::take(std::size_t process, std::string_view bytes) {
  const std::string name = name_of_process(process, summaries_.size());
  Node node = TRY(base::load_json(bytes, name));
  Node* const summary = node.get("summary");
  if (!summary) return base::input_error(fmt::format("{} handed in no summary", name));
  const PartOfRun part = TRY(read_mergeable(*summary, name));
  const Node* const error = node.get("error");
  if (part.outcome.has_begun) summaries_[process] = std::move(*summary);
  if (part.exit_code == 0) return {};
  Failure failure{part.outcome.end, part.exit_code, read_error(error)};
  std::optional<Failure>& first = failure.end == RunEnd::test_failed ? marked_ : failure_;
  if (!first) first = std::move(failure);
  return {};
}

void Gathering::fail(std::string_view bytes) {
  if (failure_) return;
  const Result<Node> node = base::load_json(bytes, "failure");
  const Node* const code = node ? node->get("exit_code") : nullptr;
  failure_ = Failure{RunEnd::broken, code && code->is_integer() ? static_cast<int>(code->integer()) : 255,
                     read_error(node ? node->get("error") : nullptr)};
}

void Gathering::lose(std::size_t process, const std::string& how) {
  const std::string name = name_of_process(process, summaries_.size());
  const std::string_view role = process == 0 ? ", which calls setup() and teardown()," : "";
  summaries_[process].reset();
  has_gaps_ = true;
  if (failure_) return;
  failure_ = Failure{RunEnd::broken,
                     exit_code(RunEnd::broken),
                     {.kind = base::ErrorKind::environment,
                      .message = fmt::format("{}{} {}, and what it had measured is lost", name, role, how),
                      .help = "look at what it said last, and at the system's log: did it run out of memory?"}};
}

// How each ended is told by the whole, once.
Result<std::vector<PartOfRun>> Gathering::read_parts() const {
  std::vector<PartOfRun> parts;
  for (std::size_t process = 0; process < summaries_.size(); ++process) {
    if (!summaries_[process]) continue;
    PartOfRun part = TRY(read_mergeable(*summaries_[process], name_of_process(process, summaries_.size())));
    part.outcome.end = RunEnd::passed;
    part.outcome.error.reset();
    part.exit_code = 0;
    if (!judges_) drop_thresholds(part.outcome);
    parts.push_back(std::move(part));
  }
  return parts;
}

Result<void> Gathering::look_for_abort() {
  for (const std::optional<Node>& summary : summaries_)
    if (!summary) return {};
  if (failure_) return {};
  std::vector<PartOfRun> parts = TRY(read_parts());
  const MergedRun merged = TRY(merge_runs(std::move(parts)));
  if (!is_to_abort(merged.outcome, merged.outcome.duration)) return {};
  failure_ = Failure{RunEnd::thresholds_crossed, exit_code(RunEnd::thresholds_crossed), abort_error(merged.outcome)};
  return {};
}

std::map<std::string, std::string> Gathering::files() const {
  std::map<std::string, std::string> files;
  for (const std::optional<Node>& summary : summaries_) {
    const Node* const read = summary ? summary->get("files") : nullptr;
    if (!read || !read->is_map()) continue;
    for (const Node::Member& file : read->map()) files[file.key] = file.value.string();
  }
  return files;
}

Result<MergedRun> Gathering::merge() const {
  std::vector<PartOfRun> parts = TRY(read_parts());
  MergedRun merged = TRY(merge_runs(std::move(parts)));
  const std::optional<Failure>& ended = failure_ ? failure_ : marked_;
  if (!ended) return merged;
  merged.outcome.end = ended->end;
  merged.outcome.error = ended->error;
  merged.exit_code = ended->exit_code;
  return merged;
}

}  // namespace gantry::load
