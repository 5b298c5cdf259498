#include "cli/commands/net_input.h"
#include "cli/commands/scale_commands.h"

#include "capacity/capacity.h"
#include "report/scale.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace gantry::cli {

using base::Result;

namespace {

constexpr std::array kOptions = {
    BlockOption{"--autoscaler", "", "autoscaler", false, "NS/NAME", "Which one (default: the only one)"},
    BlockOption{"--stages", "traffic", "stages", false, "LIST", "Requests a second as k6's stages: 30s:10,1m:100"},
    BlockOption{"--start-rate", "traffic", "start_rate", true, "N", "Where the first stage starts (default: 0)"},
    BlockOption{"--trace", "", "trace", false, "FILE", "Requests a second as CSV: time,rate"},
    BlockOption{"--gap-max", "traffic", "gap_max", false, "TIME", "How long a gap in the trace may be"},
    BlockOption{"--script", "", "script", false, "FILE", "The options of a k6 script, as `k6 inspect` prints them"},
    BlockOption{"--scenario", "traffic", "scenario", false, "NAME", "Only this scenario of the script"},
    BlockOption{"--requests-per-iteration", "traffic", "requests_per_iteration", true, "N",
                "Requests that one iteration of the script makes (default: 1)"},
    BlockOption{"--rate-per-vu", "traffic", "rate_per_vu", true, "N",
                "Requests a second that one VU of the script makes, as measured"},
    BlockOption{"--cpu-per-request", "pod", "cpu_ms_per_request", true, "MS", "CPU that one request needs"},
    BlockOption{"--idle-cpu", "pod", "idle_cpu", false, "CPU", "What an idle pod uses: 10m"},
    BlockOption{"--cpu-max", "pod", "cpu_max", false, "CPU", "What a pod can use (default: its limit, else one core)"},
    BlockOption{"--rate-max", "pod", "rate_max", true, "N", "Requests a second that a pod serves at most"},
    BlockOption{"--start-up", "pod", "start_up", false, "TIME", "From a pod's creation to Ready (default: 30s)"},
    BlockOption{"--replicas", "", "replicas", true, "N", "How many there are at the start (default: minReplicas)"},
    BlockOption{"--late", "", "late", false, "TIME", "A request that waits longer is late (default: 500ms)"},
    BlockOption{"--timeout", "", "timeout", false, "TIME", "A client that waits so long goes away (default: 30s)"},
    BlockOption{"--release", "controller", "release", false, "NAME",
                "The controller: current (1.33 and later) or older"},
};

struct SimulateFlags {
  NetInput input;
  std::string name_space = "default";
  BlockFlags block;
  std::string doubling;
  std::string start = "1970-01-01";
  std::string format = "text";
  bool json = false;
  bool verbose = false;
};

// --doubling RATE stands for {doubling: {from: RATE}}; traffic on the command line replaces that of the block.
Result<base::Node> block_of(const SimulateFlags& flags) {
  base::Node block = TRY(flags.block.block(kOptions));
  const bool replaces = !flags.doubling.empty() || flags.block.has("--stages") || flags.block.has("--trace") ||
                        flags.block.has("--script");
  if (!replaces || !block.is_map()) return block;
  if (!flags.block.has("--trace")) block.erase("trace");
  if (!flags.block.has("--script")) block.erase("script");
  base::Node* traffic = block.get("traffic");
  if (traffic && traffic->is_map()) {
    for (const BlockOption& option : kOptions)
      if (option.map == "traffic" && !flags.block.has(option.option)) traffic->erase(option.key);
    traffic->erase("doubling");
    if (traffic->map().empty()) block.erase("traffic");
  }
  if (flags.doubling.empty()) return block;
  constexpr BlockOption kFrom{"--doubling", "", "from", true, "", ""};
  BlockFlags from;
  from.values.emplace("--doubling", flags.doubling);
  base::Node doubling = TRY(from.block({&kFrom, 1}));
  if (!block.get("traffic")) block.set("traffic", base::Node::empty_map(doubling.pos()));
  block.get("traffic")->set("doubling", std::move(doubling));
  return block;
}

Result<capacity::SimulationRequest> request_of(const SimulateFlags& flags) {
  const base::Node block = TRY(block_of(flags));
  capacity::SimulationRequest request = TRY(capacity::parse_simulation(block));
  if (!request.trace.empty()) {
    const std::string text =
        TRY(read_input(request.trace, "give a CSV with a time and requests a second on each line"));
    request.traffic = TRY(capacity::parse_traffic_csv(text, request.trace, request.gap_max));
  } else if (!request.script.empty()) {
    const std::string text = TRY(read_input(request.script, "give the output of k6 inspect"));
    request.traffic = TRY(capacity::parse_script_file(text, request.script, request.script_load));
  }
  return request;
}

struct Form {
  std::string_view name;
  std::string (*render)(const report::SimulatedScale& scale, const report::RenderOptions& options,
                        base::Timestamp start);
};
constexpr std::array<Form, 4> kForms = {{
    {"text", [](const report::SimulatedScale& scale, const report::RenderOptions& options,
                base::Timestamp) { return render_simulation(scale, options); }},
    {"json", [](const report::SimulatedScale& scale, const report::RenderOptions&,
                base::Timestamp) { return render_simulation_json(scale); }},
    {"svg", [](const report::SimulatedScale& scale, const report::RenderOptions&,
               base::Timestamp) { return render_simulation_svg(scale); }},
    {"openmetrics", [](const report::SimulatedScale& scale, const report::RenderOptions&,
                       base::Timestamp start) { return render_simulation_openmetrics(scale, start); }},
}};

Result<int> simulate(const Invocation& invocation, const SimulateFlags& flags) {
  const base::Timestamp start = TRY(base::parse_rfc3339(flags.start));
  const capacity::SimulationRequest request = TRY(request_of(flags));
  NetAssumptions assumptions;
  assumptions.name_space = flags.name_space;
  const LoadedManifests loaded = TRY(flags.input.load(invocation, assumptions));
  const capacity::PreparedSimulation prepared = TRY(capacity::prepare_simulation(loaded.snapshot, request));
  const capacity::Simulation simulation = TRY(capacity::simulate(prepared.scenario, invocation.stop));
  if (invocation.stop.stop_requested()) return kInterrupted;

  std::vector<base::Finding> findings;
  capacity::judge_autoscaler(prepared.workload, {.idle_memory_bytes = request.pod.idle_memory_bytes}, findings);
  capacity::judge_simulation(prepared.scenario, simulation, request.allowance, findings);
  base::sort_findings(findings);
  report::RenderOptions options = invocation.terminal.render_options();
  if (flags.verbose) options.detail = report::Detail::verbose;
  const auto form = std::ranges::find(kForms, flags.json ? "json" : std::string_view(flags.format), &Form::name);
  const report::SimulatedScale scale{prepared, request.allowance, simulation, findings};
  TRY(invocation.terminal.print(form->render(scale, options, start)));
  return exit_code_of(findings);
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<SimulateFlags>();
  flags->input.define(app);
  app.add_option("-n,--namespace", flags->name_space, "The namespace of objects that name none (default: default)")
      ->type_name("NAME");
  flags->block.define(app, kOptions, "hpa.fits");
  app.add_option("--doubling", flags->doubling, "Traffic of this rate that doubles after 5 min")->type_name("RATE");
  app.add_option("--format", flags->format, "text (default), json, svg, or openmetrics (each step as samples)")
      ->type_name("FORM")
      ->check(CLI::IsMember(std::vector<std::string>{"text", "json", "svg", "openmetrics"}));
  app.add_flag("--json", flags->json, "The same as --format json");
  app.add_option("--start", flags->start, "When the first step is, for openmetrics (default: 1970-01-01)")
      ->type_name("TIME");
  app.add_flag("--verbose", flags->verbose, "Show every step in which something happens");
  app.callback([flags, &action] { action = result_action(flags, simulate); });
}

}  // namespace

const Command kScaleSimulateCommand = {
    .name = "simulate",
    .summary = "Run traffic against a HorizontalPodAutoscaler, as its controller would",
    .examples =
        "  gantry scale simulate manifests/ --stages 2m:50,10m:200,2m:0 --cpu-per-request 8 --start-up 40s\n"
        "  gantry scale simulate manifests/ --trace monday.csv --cpu-per-request 8    a day as CSV: time,rate\n"
        "  k6 inspect load.js | gantry scale simulate manifests/ --script - --cpu-per-request 8     the script's load\n"
        "  gantry scale simulate manifests/ --doubling 60 --cpu-per-request 8 --format svg > hpa.svg\n"
        "  gantry scale simulate manifests/ --block hpa.yaml --json                   the fields of the check "
        "hpa.fits\n\n"
        "Answers how long the pods are saturated, how many requests are late, whether the autoscaler flaps, and "
        "whether\n"
        "it hits its maximum.\n\n"
        "Exit status: 0 it fits, 1 it does not, 2 something is wrong with the input.",
    .define = define};

}  // namespace gantry::cli
