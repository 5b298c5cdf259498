#include "cli/commands/load_together.h"

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "load/options/duration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <random>
#include <utility>

namespace gantry::cli {

namespace {

using base::Node;
using base::Result;
using std::chrono::steady_clock;

constexpr std::string_view kSummary = "summary=";
constexpr std::string_view kNats = "nats://";
constexpr std::int64_t kPartsMax = 10'000;
constexpr std::chrono::seconds kHandInWait{120};
// Of a run that was interrupted: whoever merges may be about to end, too.
constexpr std::chrono::seconds kStoppedHandInWait{10};
constexpr std::size_t kPurposeLetters = 16;

struct Part {
  std::int64_t number = 0;
  std::int64_t of = 1;
};

Result<Part> read_part(std::string_view text) {
  Part part;
  const char* const end = text.data() + text.size();
  const auto [slash, error] = std::from_chars(text.data(), end, part.number);
  if (error == std::errc() && slash != end && *slash == '/') {
    const auto [last, of_error] = std::from_chars(slash + 1, end, part.of);
    if (of_error == std::errc() && last == end && part.number >= 0 && part.number < part.of && part.of <= kPartsMax)
      return part;
  }
  return base::usage_error(fmt::format("--part {} is none", text), "write --part I/N, I from 0 to N-1: --part 0/3");
}

// Equal parts, as --execution-segment and its sequence say them.
Result<void> set_segment(const Part& part, load::RunSettings& run) {
  for (const std::string_view name : {"executionSegment", "executionSegmentSequence"})
    if (run.overrides.get(name))
      return base::usage_error("--part and --execution-segment cannot be together", "keep one of the two");
  std::string sequence;
  for (std::int64_t i = 0; i <= part.of; ++i) sequence += fmt::format("{}{}/{}", i == 0 ? "" : ",", i, part.of);
  run.overrides.set("executionSegment", fmt::format("{}/{}:{}/{}", part.number, part.of, part.number + 1, part.of));
  run.overrides.set("executionSegmentSequence", sequence);
  return {};
}

// Of a member without a part: another in each process.
std::string own_name() {
  std::array<char, 64> host{};
  ::gethostname(host.data(), host.size() - 1);
  std::string name = fmt::format("{}-{}", host.data(), ::getpid());
  std::ranges::replace_if(
      name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '-');
  return name;
}

std::string describe_absent(const muster::Roll& roll, std::size_t count, const muster::Place& place,
                            std::chrono::nanoseconds wait) {
  std::string text = fmt::format("{} of {} came to {}/{} within {}", roll.present(), count, place.shown(), place.name,
                                 load::format_go_duration(wait));
  if (const std::vector<std::string> strangers = roll.strangers(); !strangers.empty())
    text += fmt::format("; with another script, other options or variables came {}", fmt::join(strangers, ", "));
  if (!roll.is_collected()) text += "; gantry load merge --start-barrier did not come";
  return text;
}

}  // namespace

std::string draw_process() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

void TogetherFlags::define(CLI::App& app) {
  app.add_option("--part", part, "Which of several equal parts of the load runs here: 0/3 is the first of three")
      ->type_name("I/N");
  CLI::Option* const place =
      app.add_option("--start-barrier", barrier, "Begin together with the others that name this place on a NATS server")
          ->type_name("nats://HOST:PORT/NAME");
  app.add_option("--start-barrier-count", barrier_count, "How many begin together (those of --part)")
      ->type_name("N")
      ->needs(place);
  app.add_option("--start-barrier-wait", barrier_wait, "How long to wait for all of them")
      ->type_name("TIME")
      ->capture_default_str()
      ->needs(place);
  app.add_flag("--start-barrier-merge", waits_for_merge,
               "Begin only once gantry load merge --start-barrier waits there too, which merges this run and no other")
      ->needs(place);
}

Result<Together> Together::create(const TogetherFlags& flags, LoadSettings& settings) {
  Together together;
  load::RunSettings& run = settings.run;
  together.overrides_ = base::dump_json(run.overrides);
  std::optional<Part> part;
  if (!flags.part.empty()) part = TRY(read_part(flags.part));
  if (part) TRY(set_segment(*part, run));
  together.member_ = {.name = part ? fmt::to_string(part->number) : own_name(), .process = draw_process()};
  together.identity_ = std::make_shared<load::PartIdentity>(load::PartIdentity{.process = together.member_.process});
  together.set_variables(settings.variables);
  for (const std::string& output : run.outputs)
    if (output.starts_with(kSummary)) together.summaries_.push_back(output.substr(kSummary.size()));
  std::erase_if(run.outputs, [](const std::string& output) { return output.starts_with(kSummary); });
  for (const std::string& summary : together.summaries_)
    if (summary.starts_with(kNats)) TRY(muster::parse_place(summary));
  if (flags.barrier.empty()) return together;
  together.barrier_ = TRY(muster::parse_place(flags.barrier));
  together.wait_ = TRY(load::parse_go_duration(flags.barrier_wait));
  const std::int64_t count = flags.barrier_count != 0 ? flags.barrier_count : part ? part->of : 0;
  if (count < 1 || count > kPartsMax)
    return base::usage_error("--start-barrier: how many begin together is not said",
                             "add --part I/N or --start-barrier-count N");
  together.awaited_ = {.count = static_cast<std::size_t>(count), .has_collector = flags.waits_for_merge};
  return together;
}

void Together::set_variables(const std::map<std::string, std::string>& variables) {
  identity_->variables = load::make_fingerprints(variables);
}

std::function<Result<bool>()> Together::hold(const load::FilesRead& read, const std::string& script) const {
  if (!barrier_) return {};
  struct Waiting {
    std::unique_ptr<muster::Roll> roll = {};
    steady_clock::time_point until = {};
  };
  // What all have alike: a process of another run is not waited for.
  const auto make_purpose = [overrides = overrides_, identity = identity_, &read, script] {
    base::DigestBuilder purpose;
    purpose.add(overrides).add(read.all()[script]);
    for (const auto& [name, fingerprint] : identity->variables) purpose.add(name).add(fingerprint);
    return purpose.hex().substr(0, kPurposeLetters);
  };
  return [waiting = std::make_shared<Waiting>(), make_purpose, place = *barrier_, member = member_, awaited = awaited_,
          wait = wait_, identity = identity_]() mutable -> Result<bool> {
    // Not before this process is ready to begin.
    if (!waiting->roll) {
      member.purpose = make_purpose();
      waiting->roll = TRY(muster::Roll::join(place, member, awaited));
      waiting->until = steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(wait);
    }
    if (TRY(waiting->roll->is_complete())) {
      identity->run = waiting->roll->id();
      return false;
    }
    if (steady_clock::now() < waiting->until) return true;
    return base::environment_error(describe_absent(*waiting->roll, awaited.count, place, wait),
                                   "look at those that are missing, or wait longer with --start-barrier-wait");
  };
}

Result<void> Together::deliver(const load::RunOutcome& outcome, const load::FilesRead& read,
                               const std::stop_token& stop) {
  if (!has_summaries()) return {};
  identity_->files = read.all();
  return deliver(load::make_mergeable(outcome, *identity_), stop);
}

void Together::deliver(const base::Error& failure, int exit_code, const std::stop_token& stop) {
  if (is_delivered_ || !has_summaries()) return;
  static_cast<void>(deliver(load::make_mergeable(failure, exit_code, *identity_), stop));
}

Result<void> Together::deliver(const Node& summary, const std::stop_token& stop) {
  is_delivered_ = true;
  const std::string text = base::dump_json(summary) + "\n";
  const bool was_stopped = stop.stop_requested();
  Result<void> first = {};
  for (const std::string& to : summaries_) {
    const auto hand_in = [&]() -> Result<void> {
      if (!to.starts_with(kNats)) return base::write_file_atomic(to, text);
      return muster::hand_in(TRY(muster::parse_place(to)), member_, text,
                             {.wait = was_stopped ? kStoppedHandInWait : kHandInWait,
                              .is_stopped = [&] { return !was_stopped && stop.stop_requested(); },
                              .run = identity_->run});
    };
    if (Result<void> done = hand_in(); !done && first) first = std::move(done);
  }
  return first;
}

}  // namespace gantry::cli
