#include "cli/commands/load_together.h"

#include "base/file.h"
#include "base/json.h"
#include "base/number.h"
#include "base/text.h"
#include "load/options/duration.h"
#include "load/summary/merge.h"

#include <fmt/format.h>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <memory>
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

}  // namespace

void TogetherFlags::define(CLI::App& app) {
  app.add_option("--part", part, "Which of several equal parts of the load runs here: 0/3 is the first of three")
      ->type_name("I/N");
  app.add_option("--start-barrier", barrier, "Begin together with the others that name this place on a NATS server")
      ->type_name("nats://HOST:PORT/NAME");
  app.add_option("--start-barrier-count", barrier_count, "How many begin together (those of --part)")->type_name("N");
  app.add_option("--start-barrier-wait", barrier_wait, "How long to wait for all of them")
      ->type_name("TIME")
      ->capture_default_str();
}

Result<Together> Together::create(const TogetherFlags& flags, load::RunSettings& run) {
  Together together;
  std::optional<Part> part;
  if (!flags.part.empty()) part = TRY(read_part(flags.part));
  if (part) TRY(set_segment(*part, run));
  together.member_ = part ? fmt::to_string(part->number) : own_name();
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
  together.count_ = static_cast<std::size_t>(count);
  return together;
}

std::function<Result<bool>()> Together::hold() const {
  if (!barrier_) return {};
  struct Waiting {
    std::unique_ptr<muster::Roll> roll = {};
    steady_clock::time_point until = {};
  };
  return [waiting = std::make_shared<Waiting>(), place = *barrier_, member = member_, count = count_,
          wait = wait_]() -> Result<bool> {
    // Not before this process is ready to begin.
    if (!waiting->roll) {
      waiting->roll = TRY(muster::Roll::join(place, member, count));
      waiting->until = steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(wait);
    }
    if (waiting->roll->is_complete()) return false;
    if (steady_clock::now() < waiting->until) return true;
    return base::environment_error(fmt::format("{} of {} came to {}/{} within {}", waiting->roll->present(), count,
                                               place.shown(), place.name, load::format_go_duration(wait)),
                                   "look at those that are missing, or wait longer with --start-barrier-wait");
  };
}

Result<void> Together::deliver(const load::RunOutcome& outcome) const {
  if (summaries_.empty()) return {};
  const std::string text = base::dump_json(load::make_mergeable(outcome)) + "\n";
  for (const std::string& summary : summaries_) {
    if (summary.starts_with(kNats)) {
      const muster::Place place = TRY(muster::parse_place(summary));
      TRY(muster::hand_in(place, member_, text, kHandInWait));
    } else {
      TRY(base::write_file_atomic(summary, text));
    }
  }
  return {};
}

}  // namespace gantry::cli
