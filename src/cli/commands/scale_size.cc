#include "cli/commands/net_input.h"
#include "cli/commands/scale_commands.h"

#include "base/json.h"
#include "capacity/capacity.h"
#include "report/scale.h"

#include <array>
#include <memory>
#include <utility>

namespace gantry::cli {

using base::Result;

namespace {

constexpr std::array kOptions = {
    BlockOption{"--rate", "target", "rate", true, "N", "The target: requests a second at the planned peak"},
    BlockOption{"--burst", "target", "burst", true, "N", "Times the peak, for moments (default: 1)"},
    BlockOption{"--now", "target", "now", true, "N", "Requests a second at launch (default: the peak)"},
    BlockOption{"--growth", "target", "growth_per_minute", true, "N", "How fast that grows, each minute (default: 0)"},
    BlockOption{"--p95", "target", "p95_ms", true, "MS", "The latency that is allowed (default: 500)"},
    BlockOption{"--errors", "target", "error_percent", true, "PERCENT", "Failures that are allowed (default: 1)"},
    BlockOption{"--summary", "", "summary", false, "FILE", "A load test's summary: k6's JSON, or Gantry's"},
    BlockOption{"--measured-rate", "baseline", "rate", true, "N", "Without a summary: requests a second"},
    BlockOption{"--measured-p95", "baseline", "p95_ms", true, "MS", "… and their 95th percentile"},
    BlockOption{"--measured-replicas", "baseline", "replicas", true, "N", "Replicas during the test (default: 1)"},
    BlockOption{"--think", "baseline", "think", false, "TIME", "The script's pause between requests, in a closed loop"},
    BlockOption{"--cpu", "baseline", "cpu", false, "CPU", "What all replicas used at that rate: 1.2, 850m"},
    BlockOption{"--memory", "baseline", "memory", false, "BYTES", "The most that a replica used: 210Mi"},
    BlockOption{"--cpu-per-request", "pod", "cpu_ms_per_request", true, "MS", "… instead of --cpu"},
    BlockOption{"--start-up", "pod", "start_up", false, "TIME", "From a pod's creation to Ready (default: 30s)"},
    BlockOption{"--zones", "survive", "zones", true, "N", "Zones, of which one may be lost (default: 3)"},
    BlockOption{"--absent", "survive", "absent", true, "N", "Pods that may be away besides (default: 1)"},
    BlockOption{"--utilization", "", "utilization", true, "PERCENT", "Wished share of the CPU request (default: 70)"},
    BlockOption{"--headroom", "", "headroom", true, "PERCENT", "Share of the knee that is used (default: 80)"},
    BlockOption{"--workload", "", "workload", false, "NS/NAME", "Compare with this workload of the manifests"},
};

struct SizeFlags {
  NetInput input;
  std::string name_space = "default";
  BlockFlags block;
  std::string format = "text";
  bool json = false;
  bool verbose = false;
};

// A summary on the command line replaces the figures of the block, and the other way round.
Result<base::Node> block_of(const SizeFlags& flags) {
  base::Node block = TRY(flags.block.block(kOptions));
  if (flags.block.has("--measured-rate") && !flags.block.has("--summary")) block.erase("summary");
  return block;
}

Result<capacity::SizingRequest> request_of(const SizeFlags& flags) {
  const base::Node block = TRY(block_of(flags));
  capacity::SizingRequest request = TRY(capacity::parse_sizing(block));
  if (request.summary.empty()) return request;
  constexpr std::string_view kHelp = "give the JSON that k6's handleSummary gets, or that --summary-export writes";
  const std::string text = TRY(read_input(request.summary, kHelp));
  const base::Node document = TRY(with_help(base::load_json(text, request.summary), kHelp));
  capacity::Baseline summary = TRY(capacity::parse_summary(document));
  request.input.baseline = TRY(capacity::join_baseline(std::move(summary), request.input.baseline));
  return request;
}

Result<int> size(const Invocation& invocation, const SizeFlags& flags) {
  capacity::SizingRequest request = TRY(request_of(flags));
  // A service can be sized before there is a manifest.
  LoadedManifests loaded;
  if (!request.workload.empty() || !flags.input.paths.empty() || !flags.input.context.empty()) {
    NetAssumptions assumptions;
    assumptions.name_space = flags.name_space;
    loaded = TRY(flags.input.load(invocation, assumptions));
    const kube::Workload& workload = *TRY(capacity::find_scalable(loaded.snapshot, request.workload, request.where));
    request.input.workload = capacity::describe_scaled(loaded.snapshot, workload);
  }
  const capacity::Sizing sizing = TRY(capacity::size(request.input));
  report::RenderOptions options = invocation.terminal.render_options();
  if (flags.verbose) options.detail = report::Detail::verbose;
  const report::SizedService sized{request.input, sizing};
  if (flags.json || flags.format == "json") {
    TRY(invocation.terminal.print(render_sizing_json(sized)));
  } else if (flags.format == "yaml") {
    if (sizing.autoscaler_yaml.empty())
      return base::input_error("without CPU there is no autoscaler to write", request.where,
                               "give --cpu, or --cpu-per-request");
    TRY(invocation.terminal.print(sizing.autoscaler_yaml));
  } else {
    TRY(invocation.terminal.print(render_sizing(sized, options)));
  }
  return exit_code_of(sizing.findings);
}

void define(CLI::App& app, Action& action) {
  auto flags = std::make_shared<SizeFlags>();
  flags->input.define(app);
  app.add_option("-n,--namespace", flags->name_space, "The namespace of objects that name none (default: default)")
      ->type_name("NAME");
  flags->block.define(app, kOptions, "capacity.holds");
  app.add_option("--format", flags->format, "text (default), json, or yaml (only the HorizontalPodAutoscaler)")
      ->type_name("FORM")
      ->check(CLI::IsMember(std::vector<std::string>{"text", "json", "yaml"}));
  app.add_flag("--json", flags->json, "The same as --format json");
  app.add_flag("--verbose", flags->verbose, "Show notes, too");
  app.callback([flags, &action] { action = result_action(flags, size); });
}

}  // namespace

const Command kScaleSizeCommand = {
    .name = "size",
    .summary = "Requests, limits, replicas and the autoscaler, from a load test",
    .examples =
        "  gantry scale size --summary load.json --cpu 1.2 --rate 100            every figure with its arithmetic\n"
        "  gantry scale size --measured-rate 80 --measured-p95 120 --cpu-per-request 8 --rate 100\n"
        "  gantry scale size manifests/ --workload shop/web --block capacity.yaml    compared with what is written\n"
        "  gantry scale size --summary load.json --cpu 1.2 --rate 100 --format yaml  the HorizontalPodAutoscaler\n\n"
        "The summary is what k6's handleSummary gets or --summary-export writes. CPU is in no summary: measure it "
        "beside\n"
        "the test (kubectl top pods), or there is no request and no autoscaler among the figures.\n\n"
        "Exit status: 0 nothing is in the way, 1 something is, 2 something is wrong with the input.",
    .define = define};

}  // namespace gantry::cli
