#include "load/job/job.h"

#include "base/file.h"
#include "base/yaml.h"
#include "cli/command.h"
#include "cli/commands/load_script.h"
#include "cli/commands/load_settings.h"
#include "muster/muster.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <utility>

namespace gantry::cli {

namespace {

using base::Result;

struct JobFlags {
  LoadFlags load;
  load::JobRequest job;
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

// As they were given: what they mean is for the pods to say.
std::vector<std::string> arguments_of(const LoadFlags& flags) {
  std::vector<std::string> arguments;
  for (const auto& [name, value] : flags.given)
    arguments.push_back(value.empty() ? fmt::format("--{}", name) : fmt::format("--{}={}", name, value));
  return arguments;
}

Result<int> run_job(const Invocation& invocation, const JobFlags& flags) {
  load::JobRequest job = flags.job;
  EvaluatedScript evaluated = TRY(evaluate_script(invocation, flags.load));
  for (const std::string_view own : {"executionSegment", "executionSegmentSequence"})
    if (evaluated.settings.run.overrides.get(own))
      return base::usage_error("a job deals its load out itself",
                               "leave --execution-segment out, and say --parallelism");
  if (job.name.empty()) job.name = name_of(evaluated.script);
  TRY(muster::parse_place(fmt::format("{}/{}", job.server, job.name)));
  if (evaluated.outcome.error) return load::exit_code(evaluated.outcome.end);
  job.script = std::move(evaluated.script);
  job.files = std::move(evaluated.files);
  job.arguments = arguments_of(flags.load);
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
  app.add_option("--secret", job.secret, "A Secret whose keys the script finds in __ENV");
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
