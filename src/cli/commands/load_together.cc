#include "cli/commands/load_together.h"

#include "base/digest.h"
#include "base/json.h"
#include "base/version.h"
#include "cli/named_file.h"
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

Result<LoadPart> read_part(std::string_view text) {
  LoadPart part;
  const char* const end = text.data() + text.size();
  const auto [slash, error] = std::from_chars(text.data(), end, part.number);
  if (error == std::errc() && slash != end && *slash == '/') {
    const auto [last, of_error] = std::from_chars(slash + 1, end, part.of);
    if (of_error == std::errc() && last == end && part.number >= 0 && part.number < part.of && part.of <= kPartsMax)
      return part;
  }
  return base::usage_error(fmt::format("--part {} is none", text), "write --part I/N, I from 0 to N-1: --part 0/3");
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
    text += fmt::format("; with another script or version of Gantry, other options or variables came {}",
                        fmt::join(strangers, ", "));
  if (!roll.is_collected()) text += "; gantry load merge --start-barrier did not come";
  return text;
}

}  // namespace

std::string draw_process() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

Result<void> set_segment(const LoadPart& part, load::RunSettings& run) {
  for (const std::string_view name : {"executionSegment", "executionSegmentSequence"})
    if (run.overrides.get(name))
      return base::usage_error("--part and --execution-segment cannot be together", "keep one of the two");
  std::string sequence;
  for (std::int64_t i = 0; i <= part.of; ++i) sequence += fmt::format("{}{}/{}", i == 0 ? "" : ",", i, part.of);
  run.overrides.set("executionSegment", fmt::format("{}/{}:{}/{}", part.number, part.of, part.number + 1, part.of));
  run.overrides.set("executionSegmentSequence", sequence);
  return {};
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
  std::optional<LoadPart> part;
  if (!flags.part.empty()) part = TRY(read_part(flags.part));
  if (part) TRY(set_segment(*part, run));
  together.member_ = {.name = part ? fmt::to_string(part->number) : own_name(), .process = draw_process()};
  together.identity_ = std::make_shared<load::PartIdentity>(load::PartIdentity{.process = together.member_.process});
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

void Together::set_script(std::string script, std::map<std::string, std::string> variables) {
  script_ = std::move(script);
  variables_ = std::move(variables);
}

// Fingerprints once: they take a while.
Result<void> Together::identify(const std::map<std::string, std::string>& files) {
  identity_->files = files;
  if (identity_->variables.size() != variables_.size())
    identity_->variables = TRY(load::make_fingerprints(variables_, script_digest()));
  return {};
}

std::string Together::script_digest() const {
  const auto script = identity_->files.find(script_);
  return script == identity_->files.end() ? "" : script->second;
}

// What all have alike: a process of another run, or of another program, is not waited for.
Result<std::string> Together::make_purpose(const load::FilesRead& read) {
  TRY(identify(read.all()));
  base::DigestBuilder purpose;
  purpose.add(base::version()).add(overrides_).add(script_digest());
  for (const auto& [name, fingerprint] : identity_->variables) purpose.add(name).add(fingerprint);
  return purpose.hex().substr(0, kPurposeLetters);
}

std::function<Result<bool>(load::RunHalt&)> Together::hold(const load::FilesRead& read) {
  if (!barrier_) return {};
  struct Waiting {
    std::unique_ptr<muster::Roll> roll = {};
    steady_clock::time_point until = {};
  };
  return [this, &read, waiting = std::make_shared<Waiting>()](load::RunHalt& halt) -> Result<bool> {
    if (halt.next != load::RunPhase::started) return false;
    // Not before this process is ready to begin.
    if (!waiting->roll) {
      member_.purpose = TRY(make_purpose(read));
      waiting->roll = TRY(muster::Roll::join(*barrier_, member_, awaited_));
      waiting->until = steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(wait_);
    }
    if (TRY(waiting->roll->is_complete())) {
      identity_->run = waiting->roll->id();
      return false;
    }
    if (steady_clock::now() < waiting->until) return true;
    return base::environment_error(describe_absent(*waiting->roll, awaited_.count, *barrier_, wait_),
                                   "look at those that are missing, or wait longer with --start-barrier-wait");
  };
}

Result<void> Together::deliver(const load::RunOutcome& outcome, const std::map<std::string, std::string>& files,
                               const Invocation& invocation) {
  if (!has_summaries()) return {};
  TRY(identify(files));
  const Holds holds = outcome.has_begun ? Holds::outcome : Holds::failure;
  return deliver(load::make_mergeable(outcome, *identity_), holds, invocation);
}

void Together::deliver(const base::Error& failure, int exit_code, const Invocation& invocation) {
  if (is_delivered_ || !has_summaries()) return;
  static_cast<void>(deliver(load::make_mergeable(failure, exit_code, *identity_), Holds::failure, invocation));
}

Result<void> Together::deliver(const Node& summary, Holds holds, const Invocation& invocation) {
  is_delivered_ = true;
  const std::string text = base::dump_json(summary) + "\n";
  Result<void> first = {};
  for (const std::string& to : summaries_) {
    Result<void> done = to.starts_with(kNats) ? hand_in(to, text, holds, invocation) : write_named_file(to, text);
    if (!done && first) first = std::move(done);
  }
  return first;
}

Result<void> Together::hand_in(const std::string& to, const std::string& text, Holds holds,
                               const Invocation& invocation) {
  const muster::Place place = TRY(muster::parse_place(to));
  const bool was_stopped = invocation.stop.stop_requested();
  const std::chrono::seconds wait = was_stopped ? kStoppedHandInWait : kHandInWait;
  const auto say_that_it_waits = [&](std::string_view why) {
    invocation.terminal.say(fmt::format("waiting for up to {} to hand the summary in at {}/{}: {} ({})\n",
                                        load::format_go_duration(wait), place.shown(), place.name, why,
                                        was_stopped ? "Ctrl-C quits at once" : "Ctrl-C ends the wait"));
  };
  Result<void> done = muster::hand_in(place, member_, text,
                                      {.wait = wait,
                                       .is_stopped = [&] { return !was_stopped && invocation.stop.stop_requested(); },
                                       .run = identity_->run,
                                       .waits_for_server = holds == Holds::outcome,
                                       .on_wait = say_that_it_waits});
  if (done || holds == Holds::failure) return done;
  // It cannot be measured again.
  const std::string file = fmt::format("gantry-summary-{}-{}.json", member_.name, member_.process);
  if (write_named_file(file, text))
    done.error().help = fmt::format("what was found is in {}: gantry load merge takes files, too", file);
  return done;
}

}  // namespace gantry::cli
