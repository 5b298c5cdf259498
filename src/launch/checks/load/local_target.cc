#include "launch/checks/load/local_target.h"

#include "base/json.h"
#include "base/text.h"
#include "launch/checks/load/launchers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <ranges>
#include <system_error>
#include <utility>

namespace gantry::launch {

using base::Result;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kLook{20};  // between two questions whether it is ready
constexpr std::chrono::milliseconds kRunsAtMost = std::chrono::hours(24 * 30);  // whoever runs it ends it long before
constexpr std::uint64_t kLogBytesMax = 1 << 20;
// A connection is tried at once; what is not there after so long is off.
constexpr std::chrono::seconds kConnectsWithin{5};

using Blanks = std::map<std::string, std::string>;  // "{port}" -> "40123"

void fill_in(std::string& text, const Blanks& blanks) {
  for (const auto& [blank, value] : blanks)
    for (std::size_t at = text.find(blank); at != std::string::npos; at = text.find(blank, at + value.size()))
      text.replace(at, blank.size(), value);
}

void fill_in(LoadTarget& target, const Blanks& blanks) {
  for (std::string& word : target.argv) fill_in(word, blanks);
  for (auto& [name, value] : target.env) fill_in(value, blanks);
  fill_in(target.url, blanks);
}

Result<const LoadTarget*> find_target(const CheckContext& context, std::string_view name) {
  const auto& targets = context.config.load.targets;
  const auto found = targets.find(name);
  if (found != targets.end()) return &found->second;
  std::vector<std::string_view> names;
  for (const auto& [known, target] : targets) names.push_back(known);
  const std::optional<std::string_view> nearest = base::nearest_name(name, names);
  return base::input_error(
      fmt::format("gantry.yaml has no target \"{}\"", name), context.where(),
      nearest ? fmt::format("did you mean \"{}\"?", *nearest) : "add it to `load: targets:` in gantry.yaml");
}

// On the disk. A name is looked for where programs are, a path starts in the target's folder.
Result<std::string> find_program_file(const CheckContext& context, const std::string& word,
                                      const std::string& directory, std::string_view whose) {
  if (word.starts_with('/')) return word;
  if (word.contains('/')) return directory + "/" + word;
  if (const std::optional<std::string> path = base::find_program(word, context.program_path)) return *path;
  return base::environment_error(fmt::format("the {}'s program {} is not installed", whose, word),
                                 "build or install it where PATH leads to, or beside gantry");
}

struct Startable {
  std::string name;
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> env = {};
  std::string directory;
  Place place;
};

// All that a program may know of whoever runs Gantry. Anything else would be somebody's secrets, or addresses of somebody's services, and
// the figures would be of those.
constexpr std::array<std::string_view, 10> kInherited = {"PATH",   "HOME", "USER",   "LOGNAME",  "SHELL",
                                                         "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "TZ"};

base::Command::Environment make_environment(const CheckContext& context, const LoadTarget& target,
                                            const Startable& startable, const std::string& scratch) {
  std::map<std::string, std::string> variables;
  const auto inherit = [&](std::string_view name) {
    if (const auto found = context.environment.find(name); found != context.environment.end())
      variables.emplace(found->first, found->second);
  };
  for (const std::string_view name : kInherited) inherit(name);
  for (const std::string& name : target.inherit) inherit(name);
  for (const auto& [name, value] : startable.env) variables.insert_or_assign(name, value);
  variables.insert_or_assign(kTestVariable, scratch);
  return {variables.begin(), variables.end()};
}

PreparedProgram make_program(const CheckContext& context, const PreparedTarget& prepared, const Startable& startable,
                             const std::string& path) {
  PreparedProgram program{.name = startable.name, .command = {}, .place = startable.place};
  base::Command& command = program.command;
  const std::string scratch = prepared.scratch->path();
  command.environment = make_environment(context, prepared.target, startable, scratch);
  command.dies_with_caller = true;
  command.on_start = [scratch](pid_t pid) { note_program(scratch, pid); };
  // However much it says while it is tested: its last words tell why it ended.
  command.overflow = base::Command::Overflow::keeps_tail;
  command.output_bytes_max = kLogBytesMax;
  command.argv.push_back(path);
  command.argv.insert(command.argv.end(), startable.argv.begin() + 1, startable.argv.end());
  command.directory = startable.directory;
  command.time_max = kRunsAtMost;
  command.grace_time = std::chrono::seconds(10);
  return program;
}

Result<std::shared_ptr<const ScratchFolder>> make_scratch(const CheckContext& context) {
  end_leftovers(context.workspace_root + "/.gantry");
  std::string path = context.workspace_root + "/.gantry/services-XXXXXX";
  if (!::mkdtemp(path.data()))
    return base::environment_error(fmt::format("no folder can be made in {}/.gantry", context.workspace_root),
                                   "services keep there what they need during a test");
  FolderLock lock = note_owner(path);
  return std::make_shared<const ScratchFolder>(std::move(path), std::move(lock));
}

// On the disk.
Result<std::string> target_directory(const CheckContext& context, const LoadTarget& target) {
  if (target.directory.empty()) return context.workspace_root;
  return context.workspace_root + "/" + TRY(context.files.resolve(target.directory));
}

// Each on a free port, in a folder of its own. Fills in "{nats.port}" for the target.
Result<void> prepare_services(CheckContext& context, PreparedTarget& prepared, Blanks& blanks) {
  const std::string home = TRY(target_directory(context, prepared.target));
  for (LoadService service : prepared.target.services) {
    const std::string directory = fmt::format("{}/{}", prepared.scratch->path(), prepared.programs.size());
    std::error_code failure;
    if (!std::filesystem::create_directory(directory, failure))
      return base::environment_error(fmt::format("{} cannot be made: {}", directory, failure.message()));
    const std::string port = TRY(find_free_port());
    const std::string path = TRY(find_program_file(context, service.argv.front(), home, "service"));
    context.inputs.note("program:" + path, digest_program(path));
    for (std::string& word : service.argv) fill_in(word, {{"{port}", port}, {"{directory}", directory}});
    blanks.emplace(fmt::format("{{{}.port}}", service.name), port);
    prepared.programs.push_back(make_program(
        context, prepared,
        {.name = "service " + service.name, .argv = service.argv, .directory = directory, .place = {"127.0.0.1", port}},
        path));
  }
  return {};
}

// What a program is told of that is a file is part of what is tested: `python3 server.py` is server.py.
void note_files(CheckContext& context, const std::string& directory, const std::vector<std::string>& argv) {
  for (std::size_t i = 1; i < argv.size(); ++i) {
    const std::string path = argv[i].starts_with('/') ? argv[i] : directory + "/" + argv[i];
    std::error_code ignored;
    if (std::filesystem::is_regular_file(path, ignored)) context.inputs.note("program:" + path, digest_program(path));
  }
}

// What an interpreter runs, as far as gantry.yaml says where that is.
Result<void> note_sources(const CheckContext& context, const PreparedTarget& prepared) {
  for (const std::string& path : prepared.target.sources) {
    if (TRY(context.files.digest_of_tree(path)) == kAbsent)
      return base::input_error(fmt::format("target {} has no source {}", prepared.name, path), prepared.target.where,
                               "`sources` names files and folders of the workspace");
  }
  return {};
}

Result<void> prepare_own_program(CheckContext& context, PreparedTarget& prepared) {
  const LoadTarget& target = prepared.target;
  const std::string directory = TRY(target_directory(context, target));
  prepared.program = TRY(find_program_file(context, target.argv.front(), directory, "target"));
  prepared.program_digest = digest_program(prepared.program);
  context.inputs.note("program:" + prepared.program, prepared.program_digest);
  note_files(context, directory, target.argv);
  TRY(note_sources(context, prepared));
  prepared.is_seen = prepared.program_digest != kAbsent && (!is_launcher(prepared.program) || !target.sources.empty());
  if (is_taken(prepared.place))
    return base::environment_error(
        fmt::format("something answers at {} before target {} is started", target.url, prepared.name),
        "end it, or write {port} into the target's url and arguments");
  prepared.programs.push_back(make_program(context, prepared,
                                           {.name = "target " + prepared.name,
                                            .argv = target.argv,
                                            .env = target.env,
                                            .directory = directory,
                                            .place = prepared.place},
                                           prepared.program));
  return {};
}

}  // namespace

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;  // what cannot be removed stays, in a folder that git ignores
  std::filesystem::remove_all(path_, ignored);
}

Result<PreparedTarget> prepare_target(CheckContext& context, std::string_view name) {
  PreparedTarget prepared;
  prepared.name = name;
  prepared.target = *TRY(find_target(context, name));
  prepared.url = prepared.target.url;
  Blanks blanks;
  if (!prepared.target.argv.empty() || !prepared.target.services.empty()) {
    prepared.scratch = TRY(make_scratch(context));
    for (const std::string& variable : prepared.target.inherit)
      context.inputs.note("variable:" + variable, fingerprint_variable(context.environment, variable));
  }
  TRY(prepare_services(context, prepared, blanks));
  if (prepared.target.url.contains("{port}")) blanks.emplace("{port}", TRY(find_free_port()));
  fill_in(prepared.target, blanks);
  prepared.place = place_of_url(prepared.target.url);
  if (!prepared.target.argv.empty()) TRY(prepare_own_program(context, prepared));
  return prepared;
}

RunningProgram::RunningProgram(const PreparedProgram& prepared)
    : prepared_(prepared), thread_([this](const std::stop_token& stop) {
        Result<base::CommandResult> result = base::run_command(prepared_.command, stop);
        if (result)
          result_ = *std::move(result);
        else if (!stop.stop_requested())  // it could not be started, or wrote more than anybody keeps
          result_ = base::CommandResult{.status = 127, .out = {}, .err = result.error().message};
        has_ended_ = true;
      }) {}

void RunningProgram::end() {
  const bool ended_by_itself = has_ended_;
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  if (!ended_by_itself) result_.reset();
}

RunningTarget::State RunningTarget::start(const std::stop_token& stop) {
  for (const PreparedProgram& program : prepared_.programs) {
    running_.push_back(std::make_unique<RunningProgram>(program));
    if (const State state = wait_for(program, stop); state != State::ready) {
      late_ = &program;
      return state;
    }
  }
  // One that runs elsewhere has no program to wait for.
  if (prepared_.target.argv.empty() && !answers()) return State::late;
  wait_for_dependencies(stop);
  return State::ready;
}

RunningTarget::State RunningTarget::wait_for(const PreparedProgram& program, const std::stop_token& stop) const {
  const bool is_target = &program == &prepared_.programs.back() && !prepared_.target.argv.empty();
  const steady_clock::time_point deadline = steady_clock::now() + prepared_.target.ready_within;
  for (;;) {
    if (stop.stop_requested()) return State::stopped;
    if (running_.back()->has_ended()) return State::ended;
    if (is_target ? answers() : is_taken(program.place)) return State::ready;
    if (steady_clock::now() >= deadline) return State::late;
    std::this_thread::sleep_for(kLook);
  }
}

bool RunningTarget::answers() const {
  const Result<Page> page = get_page(prepared_.place, prepared_.target.health);
  return page && page->status == 200;
}

void RunningTarget::wait_for_dependencies(const std::stop_token& stop) const {
  const auto is_settled = [this](const Dependency& dependency) {
    const std::vector<std::string>& without = prepared_.target.without;
    return dependency.is_on || std::ranges::find(without, dependency.name) != without.end();
  };
  // Without services it is as it is.
  if (prepared_.target.services.empty()) return;
  const steady_clock::time_point deadline = steady_clock::now() + kConnectsWithin;
  while (!std::ranges::all_of(look(), is_settled) && steady_clock::now() < deadline && !stop.stop_requested())
    std::this_thread::sleep_for(kLook);
}

// One that says it is not well (503) tells most of all.
std::string RunningTarget::status_fault() const {
  const LoadTarget& target = prepared_.target;
  if (target.status.empty()) return {};
  const Result<Page> page = get_page(prepared_.place, target.status);
  if (!page) return page.error().message;
  if (page->status >= 400 && page->status < 500) return fmt::format("{} answered {}", target.status, page->status);
  if (!base::load_json(page->body, "status page"))
    return fmt::format("{} answered {} with something else than JSON", target.status, page->status);
  return {};
}

std::optional<base::Node> RunningTarget::status_page() const {
  const LoadTarget& target = prepared_.target;
  const Result<Page> page = get_page(prepared_.place, target.status.empty() ? target.health : target.status);
  if (!page || (page->status >= 400 && page->status < 500)) return std::nullopt;
  Result<base::Node> node = base::load_json(page->body, "status page");
  return node ? std::optional(*std::move(node)) : std::nullopt;
}

std::vector<Dependency> RunningTarget::look() const {
  const std::optional<base::Node> page = status_page();
  return page ? read_dependencies(*page) : std::vector<Dependency>();
}

std::string RunningTarget::version() const {
  const std::optional<base::Node> page = status_page();
  return page && page->is_map() ? std::string(page->text("version")) : std::string();
}

const PreparedProgram* RunningTarget::culprit() const {
  if (late_) return late_;
  for (std::size_t i = 0; i < running_.size(); ++i)
    if (running_[i]->result()) return &prepared_.programs[i];
  return nullptr;
}

std::optional<base::CommandResult> RunningTarget::result() const {
  for (std::size_t i = 0; i < running_.size(); ++i)
    if (&prepared_.programs[i] == culprit()) return running_[i]->result();
  return std::nullopt;
}

void RunningTarget::end() {
  for (const std::unique_ptr<RunningProgram>& program : running_ | std::views::reverse) program->end();
}

std::optional<base::Finding> find_unseen(const PreparedTarget& prepared) {
  if (prepared.is_seen || prepared.program.empty()) return std::nullopt;
  const std::string_view program = base::base_name_of(prepared.program);
  return base::Finding{
      .rule = "load.target-unseen",
      .severity = base::Severity::info,
      .object = prepared.name,
      .where = prepared.target.where,
      .message = fmt::format("nobody sees what {} runs", program),
      .explanation =
          fmt::format("the digest of {} says nothing of it, so that this holds for a day only", prepared.program),
      .fix =
          "name the files and folders that hold it as the target's `sources:` in gantry.yaml, and it holds "
          "for two weeks or until they change",
      .related = {}};
}

TargetRecord describe_target(const PreparedTarget& prepared, const RunningTarget& running) {
  return {.name = prepared.name,
          .url = prepared.url,
          .program = std::string(base::base_name_of(prepared.program)),
          .digest = prepared.program_digest,
          .version = running.version(),
          .dependencies = running.look(),
          .without = prepared.target.without,
          .status_fault = running.status_fault()};
}

CheckOutcome fail_to_start(const PreparedTarget& prepared, RunningTarget& running) {
  running.end();
  const PreparedProgram* culprit = running.culprit();
  const std::string who = culprit ? culprit->name : "target " + prepared.name;
  CheckOutcome outcome;
  // Nothing was found out of the target's load: it is tried again, whatever it was.
  outcome.verdict = base::Verdict::error;
  outcome.evidence_class = base::EvidenceClass::rehearsal;
  std::string why = fmt::format("{}{} did not answer 200", prepared.target.url, prepared.target.health);
  if (const std::optional<base::CommandResult> left = running.result()) {
    outcome.artifacts.push_back({"target.log", "text/plain", left->err + left->out});
    why = fmt::format("it ended with status {}: {}", left->status,
                      base::trim(std::string_view(left->err).substr(0, 500)));
  } else if (culprit && culprit->name.starts_with("service ")) {
    why = fmt::format("nobody listens on its port, {}", culprit->place.port);
  }
  outcome.summary = fmt::format("{} did not get ready: {}", who, why);
  outcome.findings.push_back({.rule = "load.target-not-ready",
                              .severity = base::Severity::high,
                              .object = prepared.name,
                              .where = prepared.target.where,
                              .message = fmt::format("the {} did not get ready", who),
                              .explanation = std::move(why),
                              .fix = "start it by hand with the same settings and mend what it reports",
                              .related = {}});
  return outcome;
}

}  // namespace gantry::launch
