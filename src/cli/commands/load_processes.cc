#include "cli/commands/load_processes.h"

#include "base/json.h"
#include "base/time.h"
#include "cli/commands/load_children.h"
#include "cli/commands/load_deliver.h"
#include "cli/commands/load_log.h"
#include "cli/commands/load_pages.h"
#include "cli/commands/load_script.h"
#include "cli/commands/load_together.h"
#include "cli/commands/load_view.h"
#include "load/load.h"
#include "load/options/scenario.h"
#include "load/options/segment.h"
#include "load/processes/conductor.h"
#include "load/processes/gathering.h"
#include "load/processes/messages.h"
#include "load/processes/whole_progress.h"
#include "load/summary/merge.h"

#include <fmt/format.h>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

namespace gantry::cli {

namespace {

using base::Node;
using base::Result;
using load::Word;

constexpr std::size_t kProcessesMax = 64;
constexpr auto kListen = std::chrono::milliseconds(1'000);
// Each process tells once a second how far it is. One that is late keeps what the others say from being shown for this long.
constexpr auto kShowLate = std::chrono::milliseconds(2'500);
constexpr auto kJudgeEvery = std::chrono::milliseconds(1'900);  // each process tells it every two seconds
// Of processes that have nothing more to do than to end.
constexpr auto kLeaveMax = std::chrono::seconds(10);

// What one process has to itself.
struct Refused {
  std::string_view flag;
  std::string_view why;
};
constexpr std::array kRefused = {
    Refused{"address", "the REST API looks at one process and steers that"},
    Refused{"paused", "nothing could resume the processes"},
    Refused{"linger", "there is nothing left to look at when the processes have ended"},
    Refused{"execution-segment", "it deals the load out itself"},
    Refused{"execution-segment-sequence", "it deals the load out itself"},
};

std::unexpected<base::Error> refuse(std::string_view what, std::string_view why) {
  return base::usage_error(fmt::format("{} does not go with --processes: {}", what, why),
                           "leave the one or the other out");
}

// What writes samples would have one of several at once, which say alike what is not.
Result<void> refuse_outputs(const std::vector<std::string>& outputs) {
  if (outputs.empty()) return {};
  return refuse(fmt::format("--out {}", outputs.front()),
                "the samples of a run that several processes play are not in one place; --out html=FILE and "
                "summary=FILE, and --summary-export, are of all of them");
}

// Lines that every process writes while it loads the script are shown once.
class AlikeLines {
 public:
  // Whether it is one more of these than any process has said so far.
  bool is_new(std::size_t process, const load::LogLine& line) {
    const std::size_t times = ++said_[{process, line}];
    std::size_t& shown = shown_[line];
    if (times <= shown) return false;
    shown = times;
    return true;
  }

 private:
  std::map<std::pair<std::size_t, load::LogLine>, std::size_t> said_ = {};
  std::map<load::LogLine, std::size_t> shown_ = {};
};

// The processes from their beginning to their end.
class SharedPlay {
 public:
  SharedPlay(const Invocation& invocation, const LoadSettings& settings, LoadLog& log, LoadView& view,
             std::size_t processes)
      : invocation_(invocation),
        log_(log),
        view_(view),
        processes_(processes),
        judges_(settings.run.judges_thresholds),
        conductor_(processes),
        gathering_(processes, judges_),
        ready_(processes),
        children_([this](std::string_view words) { view_.clear(), invocation_.terminal.say(words); }, invocation.stop) {
  }

  // Until all have said what they have to say.
  Result<void> play(const Node& task);
  // What they came to.
  Result<load::MergedRun> take_merged();
  std::map<std::string, std::string> files() const { return gathering_.files(); }

 private:
  Result<void> start(Node task);
  Result<void> hear(const LoadChildren::Heard& heard);
  Result<void> hear(std::size_t from, const load::Message& message);
  Result<void> log_line(std::size_t from, const load::Message& message);
  Result<void> get_ready(std::size_t process, std::string_view bytes);
  Result<void> hear_progress(std::size_t process, std::string_view bytes);
  void show();
  Result<void> look_for_abort();
  void obey(const load::Orders& orders);
  void tell_whole();

  const Invocation& invocation_;
  LoadLog& log_;
  LoadView& view_;
  const std::size_t processes_;
  const bool judges_;
  load::Conductor conductor_;
  load::Gathering gathering_;
  AlikeLines alike_ = {};
  bool is_loading_ = true;
  bool aborts_ = false;                     // a threshold may end the run
  std::vector<std::optional<Node>> ready_;  // the options of each
  std::chrono::steady_clock::time_point judged_ = {};
  std::optional<load::WholeProgress> progress_ = {};
  std::chrono::steady_clock::time_point shown_ = {};
  std::string setup_data_ = {};
  std::optional<Result<load::MergedRun>> merged_ = {};
  std::optional<std::map<std::string, std::string>> summary_files_ = {};
  LoadChildren children_;
};

Result<void> SharedPlay::start(Node task) {
  for (std::size_t process = 0; process < processes_; ++process) {
    task.set("number", static_cast<std::int64_t>(process));
    TRY(children_.start(task));
  }
  return {};
}

Result<void> SharedPlay::play(const Node& task) {
  TRY(start(task));
  while (!conductor_.are_all_over()) {
    for (const LoadChildren::Heard& heard : TRY(children_.listen(kListen))) TRY(hear(heard));
    if (invocation_.stop.stop_requested()) obey(conductor_.end(Word::stop));
    if (gathering_.has_failed()) obey(conductor_.end(Word::end));
    if (conductor_.wants_whole() && !merged_) tell_whole();
  }
  children_.wait_for_all(kLeaveMax);
  view_.clear();
  return {};
}

Result<void> SharedPlay::hear(const LoadChildren::Heard& heard) {
  if (heard.message) return hear(heard.process, *heard.message);
  if (conductor_.is_over(heard.process)) return {};
  gathering_.lose(heard.process, heard.end);
  obey(conductor_.lose(heard.process));
  return {};
}

Result<void> SharedPlay::hear(std::size_t from, const load::Message& message) {
  switch (message.word) {
    case Word::log:
    case Word::print: return log_line(from, message);
    case Word::ready: TRY(get_ready(from, message.bytes)); break;
    case Word::set_up:
      if (from == 0) setup_data_ = message.bytes;
      break;
    case Word::progress: return hear_progress(from, message.bytes);
    case Word::stock: TRY(gathering_.take(from, message.bytes)); return look_for_abort();
    case Word::played:
      if (progress_) progress_->leave(from);
      show();
      break;
    case Word::summary:
    case Word::asks: TRY(gathering_.take(from, message.bytes)); break;
    case Word::delivered:
      if (!message.bytes.empty()) summary_files_ = TRY(load::read_texts(message.bytes));
      break;
    case Word::failed: gathering_.fail(message.bytes); break;
    default: break;
  }
  obey(conductor_.hear(from, message.word, message.bytes));
  if (conductor_.is_over(from)) children_.dismiss(from);
  return {};
}

Result<void> SharedPlay::log_line(std::size_t from, const load::Message& message) {
  const load::LogLine line = TRY(load::read_log_line(message.bytes));
  if (is_loading_ && !alike_.is_new(from, line)) return {};
  if (message.word == Word::print) {
    log_.print(line.level, line.text);
  } else {
    view_.clear();
    log_.say(line.level, line.text, line.source);
  }
  return {};
}

// Once all are, it is known what they will play.
Result<void> SharedPlay::get_ready(std::size_t process, std::string_view bytes) {
  ready_[process] = TRY(base::load_json(bytes, "options"));
  if (std::ranges::any_of(ready_, [](const auto& options) { return !options; })) return {};
  is_loading_ = false;
  aborts_ = judges_ && load::may_abort(*ready_.front());
  std::vector<load::Scenario> whole = TRY(load::read_scenarios(*ready_.front()));
  std::size_t idle = 0;
  for (const std::optional<Node>& options : ready_)
    if (load::deal_scenarios(whole, TRY(load::read_deal(*options))).empty()) ++idle;
  if (idle > 0)
    log_.say(load::LogLevel::warning,
             fmt::format("{} of {} processes have nothing to do: the load has no more VUs", idle, processes_), "");
  progress_.emplace(processes_, std::move(whole));
  return {};
}

Result<void> SharedPlay::hear_progress(std::size_t process, std::string_view bytes) {
  const Node said = TRY(base::load_json(bytes, "progress"));
  if (progress_) TRY(progress_->hear(process, said));
  show();
  return {};
}

void SharedPlay::show() {
  const auto now = std::chrono::steady_clock::now();
  if (!progress_ || (!progress_->is_new() && now < shown_ + kShowLate)) return;
  shown_ = now;
  if (const std::optional<load::RunProgress> progress = progress_->so_far()) view_.show(*progress);
}

// As often as a run of one process does.
Result<void> SharedPlay::look_for_abort() {
  const auto now = std::chrono::steady_clock::now();
  if (now < judged_ + kJudgeEvery) return {};
  judged_ = now;
  return gathering_.look_for_abort();
}

void SharedPlay::obey(const load::Orders& orders) {
  for (load::Order order : orders) {
    if (order.message.word == Word::go && aborts_) order.message.bytes = "tell what was measured meanwhile";
    children_.tell(order.to, order.message);
  }
}

// Nothing, where a process is missing or the parts are no whole.
void SharedPlay::tell_whole() {
  merged_ = gathering_.merge();
  const bool is_whole = *merged_ && !gathering_.has_gaps();
  children_.tell(0, {Word::whole, is_whole ? load::write_whole((*merged_)->outcome) : ""});
}

Result<load::MergedRun> SharedPlay::take_merged() {
  if (!merged_) merged_ = gathering_.merge();
  load::MergedRun merged = TRY(*std::move(merged_));
  if (!setup_data_.empty()) merged.outcome.setup_data = setup_data_;
  merged.outcome.summary_files = std::move(summary_files_);
  return merged;
}

// What each process is to run, but for its number.
Node make_task(const Invocation& invocation, const SharedRun& run) {
  Node::Array flags;
  for (const auto& [name, value] : run.flags.given) flags.emplace_back(Node::Array{name, value});
  return Node::Map{{"script", run.flags.script, {}},
                   {"flags", std::move(flags), {}},
                   {"of", static_cast<std::int64_t>(run.processes), {}},
                   {"stdout_is_tty", ::isatty(STDOUT_FILENO) == 1, {}},
                   {"stderr_is_tty", invocation.terminal.is_error_terminal(), {}}};
}

Result<void> refuse_flags(const LoadFlags& flags, const LoadSettings& settings) {
  for (const auto& [name, value] : flags.given)
    if (const auto* refused = std::ranges::find(kRefused, name, &Refused::flag); refused != kRefused.end())
      return refuse(fmt::format("--{}", name), refused->why);
  if (settings.lingers) return refuse("K6_LINGER", kRefused[2].why);
  return {};
}

}  // namespace

void ProcessesFlags::define(CLI::App& app) {
  app.add_option(
         "--processes", count,
         "How many processes on this machine play the load as one run, each on a core of its own: 1 to 64, or auto "
         "for as many as there are cores")
      ->type_name("N")
      ->capture_default_str();
}

Result<std::size_t> ProcessesFlags::read() const {
  if (count == "auto") return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kProcessesMax);
  std::size_t number = 0;
  const char* const end = count.data() + count.size();
  const auto [rest, error] = std::from_chars(count.data(), end, number);
  if (error == std::errc() && rest == end && number >= 1 && number <= kProcessesMax) return number;
  return base::usage_error(fmt::format("--processes {} is none", count),
                           fmt::format("write a number from 1 to {}, or auto", kProcessesMax));
}

Result<int> run_processes(const Invocation& invocation, LoadSettings& settings, const SharedRun& run) {
  TRY(refuse_flags(run.flags, settings));
  const LoadPages pages = TRY(take_load_pages(settings));
  if (pages.dashboard) return refuse("the web dashboard", "its page looks at one process");
  Together together = TRY(Together::create({}, settings));
  TRY(refuse_outputs(settings.run.outputs));
  const OpenedScript opened = TRY(open_script(run.flags.script, settings));
  settings.scripts_folders = {opened.root, run.may_write};
  together.set_script(opened.script, settings.variables);
  LoadLog log(invocation.terminal, settings.log);
  for (const std::string& warning : settings.run.warnings) log.say(load::LogLevel::warning, warning, "");
  LoadView view(invocation.terminal, settings.is_quiet ? LoadView::Shows::nothing : LoadView::Shows::everything,
                opened.script);
  SharedPlay shared(invocation, settings, log, view, run.processes);
  TRY(shared.play(make_task(invocation, run)));
  load::MergedRun merged = TRY(shared.take_merged());
  load::RunOutcome& outcome = merged.outcome;
  for (const std::string& remark : merged.remarks) log.say(load::LogLevel::warning, remark, "");
  if (const Result<void> written = log.finish(); !written) invocation.terminal.show(written.error());
  if (outcome.error) invocation.terminal.show(*outcome.error);
  const base::SystemClock clock;
  if (outcome.has_begun) write_pages(invocation, pages.files, outcome, {.script = opened.script, .ended = clock.now()});
  const load::RunEnd end = outcome.end;
  TRY(deliver_outcome(invocation, settings, log, outcome,
                      [&] { return together.deliver(outcome, shared.files(), invocation); }));
  return outcome.end == end ? merged.exit_code : load::exit_code(outcome.end);
}

}  // namespace gantry::cli
