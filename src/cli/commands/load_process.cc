// One of the processes of gantry load run --processes (load_processes.h), which that starts: what it is to run comes over stdin, what it
// finds goes over stdout. A run as any other, but that it waits for the others before each phase, and prints nothing itself.

#include "base/json.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/commands/load_script.h"
#include "cli/commands/load_settings.h"
#include "cli/commands/load_together.h"
#include "cli/interrupts.h"
#include "load/load.h"
#include "load/options/redacted.h"
#include "load/processes/gathering.h"
#include "load/processes/messages.h"
#include "load/processes/whole_progress.h"
#include "load/script/files_read.h"
#include "load/script_engine.h"
#include "load/summary/merge.h"

#include <unistd.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace gantry::cli {

namespace {

using base::Node;
using base::Result;
using load::Word;

constexpr auto kStockEvery = std::chrono::seconds(2);  // as often as k6 looks at thresholds

// The process that started this one. What it says is heard by a thread of its own; without it there is nothing to do any more.
class Parent {
 public:
  Parent() : listener_([this] { listen(); }) {}
  ~Parent() {
    is_done_ = true;
    listener_.join();  // until it closes stdin, as it does once it has what it wants
  }
  Parent(const Parent&) = delete;
  Parent& operator=(const Parent&) = delete;

  void say(Word word, std::string_view bytes = "");
  // Once for each word.
  void say_once(Word word, std::string_view bytes);
  bool has_said(Word word) const { return said_.contains(word); }
  // What came with it, if it came.
  std::optional<std::string> heard(Word word) const;
  std::string wait_for(Word word);
  // Set when the run is to end.
  const std::atomic<bool>& stop() const { return stop_; }
  std::atomic<bool>& stop() { return stop_; }

 private:
  void listen();
  void hear(load::Message message);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Word, std::string> heard_ = {};  // guarded by the mutex
  std::mutex saying_;                       // whose turn it is to write
  std::set<Word> said_ = {};                // the run's thread's own
  std::atomic<bool> stop_ = false;
  std::atomic<bool> is_done_ = false;
  std::thread listener_;  // the last: it uses what is above
};

void Parent::listen() {
  load::MessageReader reader;
  std::array<char, 65'536> piece{};
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    reader.feed({piece.data(), static_cast<std::size_t>(count)});
    for (;;) {
      Result<std::optional<load::Message>> message = reader.next();
      if (!message) ::_exit(kUsage);  // whoever started this is no gantry
      if (!*message) break;
      hear(**std::move(message));
    }
  }
  if (!is_done_) ::_exit(kUndecided);
}

void Parent::hear(load::Message message) {
  if (message.word == Word::stop || message.word == Word::end) stop_ = true;
  const std::scoped_lock lock(mutex_);
  heard_.insert_or_assign(message.word, std::move(message.bytes));
  changed_.notify_all();
}

void Parent::say(Word word, std::string_view bytes) {
  const std::string text = load::write_message(word, bytes);
  const std::scoped_lock lock(saying_);
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t count = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (count > 0) rest.remove_prefix(static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR) ::_exit(kUndecided);  // nobody hears it
  }
}

void Parent::say_once(Word word, std::string_view bytes) {
  if (said_.insert(word).second) say(word, bytes);
}

std::optional<std::string> Parent::heard(Word word) const {
  const std::scoped_lock lock(mutex_);
  const auto found = heard_.find(word);
  return found == heard_.end() ? std::nullopt : std::optional(found->second);
}

std::string Parent::wait_for(Word word) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return heard_.contains(word); });
  return heard_.at(word);
}

// What the parent has made of the command line.
struct Task {
  LoadFlags flags = {};
  LoadPart part = {};
  bool stdout_is_tty = false;
  bool stderr_is_tty = false;
};

bool is_true(const Node& node, std::string_view key) {
  const Node* const flag = node.get(key);
  return flag && flag->is_bool() && flag->boolean();
}

// The flags' names are the node's.
Result<Task> read_task(const Node& node) {
  const Node* const number = node.get("number");
  const Node* const of = node.get("of");
  const Node* const flags = node.get("flags");
  if (!number || !number->is_integer() || !of || !of->is_integer() || !flags || !flags->is_array())
    return base::input_error("that is nothing to run");
  Task task{.part = {.number = number->integer(), .of = of->integer()},
            .stdout_is_tty = is_true(node, "stdout_is_tty"),
            .stderr_is_tty = is_true(node, "stderr_is_tty")};
  task.flags.script = node.text("script");
  for (const Node& flag : flags->array()) task.flags.given.emplace_back(flag.text(0), std::string(flag.text(1)));
  return task;
}

class Part {
 public:
  Part(Parent& parent, const Task& task) : parent_(parent), task_(task) {}

  Result<void> play();

 private:
  load::RunRequest request(const base::FileSystem& files, const OpenedScript& opened, const LoadSettings& settings);
  // Before the next phase: whether the others are not there yet.
  Result<bool> is_held(load::RunHalt& halt);
  Result<bool> hand_over(load::RunHalt& halt);
  // From time to time what was measured so far, where somebody judges that while the run lasts.
  void look(load::RunLook& seen);
  // That another process ended the run is no fault of this one.
  void settle(load::RunOutcome& outcome) const;
  std::string summary_of(const load::RunOutcome& outcome) const;
  bool is_first() const { return task_.part.number == 0; }

  Parent& parent_;
  const Task& task_;
  const base::SystemClock clock_ = {};
  const load::FilesRead* read_ = nullptr;
  bool judges_ = true;
  bool is_verbose_ = false;
  const std::string name_ = draw_process();
  std::chrono::steady_clock::time_point stock_ = {};
};

Result<void> Part::play() {
  LoadSettings settings = TRY(read_load_settings(task_.flags));
  TRY(set_segment(task_.part, settings.run));
  const OpenedScript opened = TRY(open_script(task_.flags.script, settings));
  const load::FilesRead read(*opened.files, load::FilesRead::Keeps::digests);
  read_ = &read;
  judges_ = settings.run.judges_thresholds;
  is_verbose_ = settings.log.is_verbose;
  const load::ScriptEngine engine = TRY(load::load_script_engine());
  load::RunOutcome outcome = engine.run_script(request(read, opened, settings));
  settle(outcome);
  if (parent_.has_said(Word::asks))
    parent_.say(Word::delivered, outcome.summary_files ? load::write_texts(*outcome.summary_files) : "");
  else
    parent_.say(Word::summary, summary_of(outcome));
  return {};
}

load::RunRequest Part::request(const base::FileSystem& files, const OpenedScript& opened,
                               const LoadSettings& settings) {
  const auto pass_on = [this](Word word) {
    return [this, word](load::LogLevel level, std::string_view text, std::string_view source) {
      if (level == load::LogLevel::debug && !is_verbose_) return;
      parent_.say(word, load::write_log_line(level, text, source));
    };
  };
  return {.files = files,
          .script = opened.script,
          .root = opened.root,
          .overrides = settings.run.overrides,
          .defaults = settings.defaults,
          .env = settings.run.env,
          .network = settings.environment,
          .has_global_alias = settings.has_global_alias,
          .secrets = settings.secrets,
          .log = pass_on(Word::log),
          .console = settings.log.console_output.empty() ? load::Log() : pass_on(Word::print),
          .progress =
              [this](const load::RunProgress& progress) {
                parent_.say(Word::progress, base::dump_json(load::to_node(progress)));
              },
          .judges_thresholds = false,
          .has_summary = settings.summary_mode != "disabled",
          .stdout_is_tty = task_.stdout_is_tty,
          .stderr_is_tty = task_.stderr_is_tty,
          .no_color = settings.no_color,
          .has_new_summary = settings.has_new_summary,
          .is_held = [this](load::RunHalt& halt) { return is_held(halt); },
          .processes = static_cast<std::size_t>(task_.part.of),
          .calls_once = is_first(),
          .look = [this](load::RunLook& seen) { look(seen); },
          .clock = &clock_,
          .stop = &parent_.stop()};
}

Result<bool> Part::is_held(load::RunHalt& halt) {
  switch (halt.next) {
    case load::RunPhase::started:
      parent_.say_once(Word::ready, base::dump_json(load::redact_options(halt.outcome.options)));
      return !parent_.heard(Word::go);
    case load::RunPhase::running: {
      parent_.say_once(Word::set_up, halt.outcome.setup_data.value_or(""));
      const std::optional<std::string> data = parent_.heard(Word::play);
      if (data && !data->empty()) halt.outcome.setup_data = data;
      return !data;
    }
    case load::RunPhase::teardown:
      parent_.say_once(Word::played, halt.was_cut_short ? "cut short" : "");
      return is_first() && !parent_.heard(Word::teardown);
    default: return hand_over(halt);
  }
}

// For handleSummary(), which is about the run of all.
Result<bool> Part::hand_over(load::RunHalt& halt) {
  if (!parent_.has_said(Word::asks)) {
    settle(halt.outcome);
    parent_.say_once(Word::asks, summary_of(halt.outcome));
  }
  const std::optional<std::string> whole = parent_.heard(Word::whole);
  if (!whole) return true;
  if (whole->empty()) return base::environment_error("handleSummary() is not called: the run is no whole");
  halt.whole = std::make_unique<load::RunOutcome>(TRY(load::read_whole(*whole, judges_)));
  halt.whole->setup_data = halt.outcome.setup_data;
  return false;
}

void Part::look(load::RunLook& seen) {
  const auto now = std::chrono::steady_clock::now();
  const bool is_watched = !parent_.heard(Word::go).value_or("").empty();
  if (!is_watched || seen.phase != load::RunPhase::running) return;
  if (stock_ == std::chrono::steady_clock::time_point()) stock_ = now;
  if (now < stock_ + kStockEvery) return;
  stock_ = now;
  seen.take_stock();
  parent_.say(Word::stock, summary_of(seen.outcome));
}

void Part::settle(load::RunOutcome& outcome) const {
  if (!outcome.has_begun || outcome.end != load::RunEnd::stopped || !parent_.heard(Word::end)) return;
  outcome.end = load::RunEnd::passed;
  outcome.error.reset();
}

std::string Part::summary_of(const load::RunOutcome& outcome) const {
  return load::write_summary(outcome, {.process = name_, .files = read_->all()});
}

struct ProcessFlags {};

Result<int> run_process(const Invocation& invocation, const ProcessFlags& /*flags*/) {
  explain_interrupts("interrupted: this process of the run ends, and the others with it",
                     load::exit_code(load::RunEnd::stopped));
  if (::isatty(STDIN_FILENO) == 1)
    return base::usage_error(
        "gantry load process is for gantry load run --processes, which says over stdin what to run");
  Parent parent;
  const std::stop_callback on_stop(invocation.stop, [&] { parent.stop() = true; });
  const Node node = TRY(base::load_json(parent.wait_for(Word::task), "task"));
  const Task task = TRY(read_task(node));
  if (const Result<void> played = Part(parent, task).play(); !played)
    parent.say(Word::failed, load::write_failure(played.error(), exit_code(played.error().kind)));
  return kYes;
}

void define(CLI::App& app, Action& action) {
  app.group("");  // nobody but gantry calls it
  app.callback([&action] { action = result_action(std::make_shared<ProcessFlags>(), run_process); });
}

}  // namespace

extern const Command kLoadProcessCommand;
const Command kLoadProcessCommand = {.name = "process",
                                     .summary = "One of the processes that gantry load run --processes starts",
                                     .examples = "  gantry load run --processes 2 tests/load/saas-health.js",
                                     .define = define};

}  // namespace gantry::cli
