#include "load/job/job.h"

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "cli/command.h"
#include "cli/commands/load_script.h"
#include "cli/commands/load_settings.h"
#include "cli/commands/net_input.h"
#include "load/archive/archive.h"
#include "load/options/duration.h"
#include "muster/muster.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::cli {

namespace {

using base::Result;

// Of the ConfigMap: the options that --config, or k6's own file, says.
constexpr std::string_view kConfigFile = "gantry-load-config.json";

struct JobFlags {
  LoadFlags load;
  load::JobRequest job;
  std::string start_within = "10m";
};

// What makes no sense in a pod of a Job.
struct Refused {
  std::string_view flag;
  std::string_view why;
  std::string_view help;
};
constexpr std::string_view kFilesGo = "what a pod writes into files goes with it, and its file system is read-only";
constexpr std::array kRefused = {
    Refused{"summary-export", kFilesGo,
            "the log of the merging Job has the summary; or run gantry load merge yourself"},
    Refused{"console-output", kFilesGo, "leave it out: kubectl logs has what the script prints"},
    Refused{"address", "the REST API listens where only its own pod reaches it", "leave it out"},
    Refused{"linger", "a pod that lingers keeps its Job from ending", "leave it out"},
    Refused{"paused", "nothing could resume the parts", "leave it out: they begin together once all are ready"},
    Refused{"execution-segment", "a job deals its load out itself", "leave it out, and say --parallelism"},
    Refused{"execution-segment-sequence", "a job deals its load out itself", "leave it out, and say --parallelism"},
};

// "tests/load/saas_health.js" -> "saas-health".
std::string name_of(std::string_view script) {
  std::string name(base::base_name_of(script));
  name = name.substr(0, name.find('.'));
  std::ranges::transform(name, name.begin(), [](char c) {
    const auto lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ? lower : '-';
  });
  return name;
}

// "json=samples.json" writes a file, "json" to stdout; csv without a name to file.csv, as k6 does.
bool writes_file(std::string_view output) {
  const std::size_t at = output.find('=');
  const std::string_view kind = output.substr(0, at);
  const std::string_view file = at == std::string_view::npos ? "" : output.substr(at + 1);
  if (kind == "json") return !file.empty() && file != "-";
  if (kind == "csv") return file != "-";
  return kind == "html" || kind == "summary";
}

Result<void> refuse_what_fails(const LoadFlags& flags) {
  for (const auto& [name, value] : flags.given) {
    const auto refused = std::ranges::find(kRefused, name, &Refused::flag);
    if (refused != kRefused.end())
      return base::usage_error(fmt::format("--{} cannot go into a job: {}", name, refused->why),
                               std::string(refused->help));
    if (name == "out" && value.substr(0, value.find('=')) == "web-dashboard")
      return base::usage_error("--out web-dashboard cannot go into a job: its page is there for its own pod alone",
                               "leave it out: the log of each pod says how far it is");
    if ((name == "out" && writes_file(value)) || (name == "log-output" && value.starts_with("file=")))
      return base::usage_error(
          fmt::format("--{} {} cannot go into a job: {}", name, value, kFilesGo),
          "send samples to a server: --out experimental-prometheus-rw, opentelemetry or influxdb=URL");
  }
  return {};
}

// file=secrets.env as the pods find it, in a Secret.
Result<std::string> move_secret_source(std::string_view source, const std::string& secret) {
  if (!source.starts_with("file="))
    return base::usage_error("--secret-source mock=… cannot go into a job: everybody could read it in the manifest",
                             "write the values into a file, and give --secret-source file=FILE --secret-files SECRET");
  std::string moved = "file=";
  std::string file;
  for (std::string_view part : base::split(source.substr(moved.size()), ',')) {
    if (part == "default" || part.starts_with("name=")) {
      moved += fmt::format("{},", part);
      continue;
    }
    if (part.starts_with("filename=")) part.remove_prefix(part.find('=') + 1);
    if (file.empty()) file = base::base_name_of(part);
  }
  if (secret.empty())
    return base::usage_error(
        fmt::format("--secret-source: {} stays out of the manifest, and no Secret that has it is named", file),
        fmt::format("kubectl create secret generic NAME --from-file={}, and add --secret-files NAME", file));
  return fmt::format("{}{}/{}", moved, load::kJobSecrets, file);
}

// What is given to all parts, and to what merges them: else as it was given, and what it means is for the pods to say.
Result<void> pass_flags(const LoadFlags& flags, load::JobRequest& job) {
  for (const auto& [name, value] : flags.given) {
    if (name == "quiet" || name == "config") continue;  // the first they have, the second is a file of the ConfigMap
    const std::string passed = name == "secret-source" ? TRY(move_secret_source(value, job.secret_files)) : value;
    job.arguments.push_back(passed.empty() ? fmt::format("--{}", name) : fmt::format("--{}={}", name, passed));
    if (name == "no-thresholds" || name == "summary-mode") job.merge_arguments.push_back(job.arguments.back());
    if (name == "no-summary") job.merge_arguments.emplace_back("--summary-mode=disabled");
  }
  return {};
}

// The script with all that it reads, and the options of a configuration file.
Result<void> pass_files(const JobFlags& flags, EvaluatedScript& evaluated, load::JobRequest& job) {
  const std::string archive = TRY(read_text(flags.load.script));
  if (load::is_archive(archive)) {
    job.script = base::base_name_of(flags.load.script);
    job.files = {{job.script, archive}};
  } else {
    job.script = std::move(evaluated.script);
    job.files = std::move(evaluated.files);
  }
  if (evaluated.settings.defaults.is_null()) return {};
  job.files[std::string(kConfigFile)] = base::dump_json(evaluated.settings.defaults) + "\n";
  job.arguments.push_back(fmt::format("--config={}/{}", load::kJobFiles, kConfigFile));
  return {};
}

// They say here how the script is evaluated, and nothing in the pods.
void warn_of_variables(const Invocation& invocation, const EvaluatedScript& evaluated) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : evaluated.settings.environment)
    if (name.starts_with("K6_")) names.push_back(name);
  if (!names.empty())
    invocation.terminal.say(
        fmt::format("warning: the pods do not have {}: give flags, or put them into the Secret of "
                    "--secret\n",
                    fmt::join(names, ", ")));
}

Result<int> run_job(const Invocation& invocation, const JobFlags& flags) {
  load::JobRequest job = flags.job;
  TRY(refuse_what_fails(flags.load));
  job.start_within = std::chrono::ceil<std::chrono::seconds>(TRY(load::parse_go_duration(flags.start_within)));
  EvaluatedScript evaluated = TRY(evaluate_script(invocation, flags.load, Evaluated::one_part));
  if (job.name.empty()) job.name = name_of(evaluated.script);
  TRY(muster::parse_place(fmt::format("{}/{}", job.server, job.name)));
  if (evaluated.outcome.error) return load::exit_code(evaluated.outcome.end);
  if (const base::Node* paused = evaluated.outcome.options.get("paused");
      paused && paused->is_bool() && paused->boolean())
    return base::usage_error("the option paused cannot go into a job: nothing could resume the parts",
                             "leave it out of the script: the parts begin together once all are ready");
  job.longest = TRY(load::longest_run(evaluated.outcome));
  warn_of_variables(invocation, evaluated);
  TRY(pass_flags(flags.load, job));
  TRY(pass_files(flags, evaluated, job));
  std::string text;
  for (const base::Node& object : TRY(load::make_job(job))) text += "---\n" + base::dump_yaml(object);
  TRY(invocation.terminal.print(text));
  return kYes;
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<JobFlags>();
  flags->load.define(app);
  load::JobRequest& job = flags->job;
  app.add_option("--parallelism", job.parallelism, "In how many pods the load runs")
      ->required()
      ->check(CLI::Range(1, 1000));
  app.add_option("--image", job.image, "The image that has gantry as its entry point")->required();
  app.add_option("--name", job.name, "What the Job is called (usually as the script)");
  app.add_option("--namespace", job.name_space, "Where it runs");
  app.add_option("--nats", job.server, "The NATS server that the pods meet at")
      ->type_name("nats://HOST:PORT")
      ->capture_default_str();
  app.add_option("--secret", job.secret, "A Secret whose keys the script finds in __ENV")->type_name("NAME");
  app.add_option("--secret-files", job.secret_files,
                 "A Secret that has the files of --secret-source, under their names")
      ->type_name("NAME");
  app.add_option("--start-within", flags->start_within, "How long the pods may take to be ready, all of them")
      ->type_name("TIME")
      ->capture_default_str();
  app.add_option("--cpu", job.cpu, "What each pod asks for, and may use")->capture_default_str();
  app.add_option("--memory", job.memory, "The same of memory")->capture_default_str();
  app.callback([flags, &action] { action = result_action(flags, run_job); });
}

}  // namespace

extern const Command kLoadJobCommand;
const Command kLoadJobCommand = {
    .name = "job",
    .summary = "Write the Kubernetes manifest that runs a k6 script in several pods at once",
    .examples =
        "  gantry load job --parallelism 3 --image registry.example.com/gantry:1 tests/load/saas-health.js\n"
        "  gantry load job --parallelism 3 --image registry.example.com/gantry:1 -e API=http://api:8000 load.js | "
        "kubectl apply -f -",
    .define = define};

}  // namespace gantry::cli
