// The kubectl program: one run for each question, no shell, every failure told in the user's words.

#include "kube/kubectl.h"

#include "base/json.h"
#include "base/subprocess.h"
#include "base/text.h"
#include "kube/kubectl_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace gantry::kube {

namespace {

using base::CommandResult;
using base::Node;
using base::Result;

std::vector<std::string> with_namespace(std::vector<std::string> arguments, const ApplyInput& input) {
  if (!input.name_space.empty()) arguments.push_back(fmt::format("--namespace={}", input.name_space));
  return arguments;
}

// Memory for a whole cluster: the list is read from a server that the user trusts with everything else.
base::YamlLimits json_limits(const KubectlOptions& options) {
  return {.bytes_max = options.output_bytes_max, .depth_max = 200, .nodes_max = 60'000'000, .alias_nodes_max = 0};
}

// What engines ask about, as `kubectl api-resources -o name` calls it. Endpoints are left out: their slices say the same.
constexpr std::string_view kResources[] = {
    "configmaps",
    "daemonsets.apps",
    "deployments.apps",
    "replicasets.apps",
    "statefulsets.apps",
    "cronjobs.batch",
    "jobs.batch",
    "endpointslices.discovery.k8s.io",
    "horizontalpodautoscalers.autoscaling",
    "limitranges",
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "replicationcontrollers",
    "resourcequotas",
    "serviceaccounts",
    "services",
    "poddisruptionbudgets.policy",
    "priorityclasses.scheduling.k8s.io",
    "storageclasses.storage.k8s.io",
    "ingresses.networking.k8s.io",
    "ingressclasses.networking.k8s.io",
    "networkpolicies.networking.k8s.io",
    "adminnetworkpolicies.policy.networking.k8s.io",
    "baselineadminnetworkpolicies.policy.networking.k8s.io",
    "clusternetworkpolicies.policy.networking.k8s.io",
    "gatewayclasses.gateway.networking.k8s.io",
    "gateways.gateway.networking.k8s.io",
    "grpcroutes.gateway.networking.k8s.io",
    "httproutes.gateway.networking.k8s.io",
    "referencegrants.gateway.networking.k8s.io",
    "tcproutes.gateway.networking.k8s.io",
    "tlsroutes.gateway.networking.k8s.io",
    "udproutes.gateway.networking.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
    "clusterroles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
    "roles.rbac.authorization.k8s.io",
    "customresourcedefinitions.apiextensions.k8s.io",
    "apiservices.apiregistration.k8s.io",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "validatingwebhookconfigurations.admissionregistration.k8s.io",
    // Custom resources that name traffic, or that decide about it beside NetworkPolicy.
    "podmonitors.monitoring.coreos.com",
    "probes.monitoring.coreos.com",
    "prometheuses.monitoring.coreos.com",
    "scrapeconfigs.monitoring.coreos.com",
    "servicemonitors.monitoring.coreos.com",
    "kongclusterplugins.configuration.konghq.com",
    "kongplugins.configuration.konghq.com",
    "tcpingresses.configuration.konghq.com",
    "udpingresses.configuration.konghq.com",
    "ciliumclusterwidenetworkpolicies.cilium.io",
    "ciliumnetworkpolicies.cilium.io",
    "globalnetworkpolicies.crd.projectcalico.org",
    "networkpolicies.crd.projectcalico.org",
    "authorizationpolicies.security.istio.io",
    "routes.route.openshift.io",
    "scaledobjects.keda.sh",
    "consumers.jetstream.nats.io",
    "streams.jetstream.nats.io",
};
constexpr std::string_view kPods = "pods";
constexpr std::string_view kSecrets = "secrets";

class KubectlProgram final : public Kubectl {
 public:
  explicit KubectlProgram(KubectlOptions options) : options_(std::move(options)) {}

  const std::string& context() const override { return options_.context; }
  Result<KubectlVersion> version(std::stop_token stop) override;
  Result<std::vector<Node>> read_objects(std::stop_token stop) override;
  Result<ApplyReport> apply(const ApplyInput& input, ApplyMode mode, std::stop_token stop) override;
  Result<DiffReport> diff(const ApplyInput& input, std::stop_token stop) override;

 private:
  Result<CommandResult> run(std::vector<std::string> arguments, std::string input, std::stop_token stop) const;
  // As above; a status other than 0 is an error.
  Result<CommandResult> run_well(std::vector<std::string> arguments, std::stop_token stop) const;
  base::Error explain(const CommandResult& result, std::stop_token stop) const;
  Result<std::vector<std::string>> served_resources(std::stop_token stop) const;
  Result<Node> read_list(const std::string& resources, std::vector<std::string> output, std::stop_token stop) const;

  KubectlOptions options_;
};

Result<CommandResult> KubectlProgram::run(std::vector<std::string> arguments, std::string input,
                                          std::stop_token stop) const {
  base::Command command;
  command.argv = {options_.program, "--context", options_.context};
  std::ranges::move(arguments, std::back_inserter(command.argv));
  command.input = std::move(input);
  command.time_max = options_.call_time_max;
  command.output_bytes_max = options_.output_bytes_max;
  return base::run_command(command, std::move(stop));
}

Result<CommandResult> KubectlProgram::run_well(std::vector<std::string> arguments, std::stop_token stop) const {
  CommandResult result = TRY(run(std::move(arguments), {}, stop));
  if (result.status != 0) return std::unexpected(explain(result, stop));
  return result;
}

base::Error KubectlProgram::explain(const CommandResult& result, std::stop_token stop) const {
  base::Error error = explain_failure(result, options_.context);
  if (!says_no_such_context(result.err)) return error;
  const Result<std::vector<std::string>> contexts = list_contexts(options_, std::move(stop));
  if (contexts)
    error.help = contexts->empty() ? "the kubeconfig has no context at all"
                                   : fmt::format("there are: {}", fmt::join(*contexts, ", "));
  return error;
}

Result<KubectlVersion> KubectlProgram::version(std::stop_token stop) {
  const CommandResult result = TRY(run_well({"version", "-o", "json"}, std::move(stop)));
  const Node json =
      TRY(base::with_context(base::load_json(result.out, "kubectl version"), "while reading what kubectl printed"));
  return KubectlVersion{.client = std::string(json.text("clientVersion", "gitVersion")),
                        .server = std::string(json.text("serverVersion", "gitVersion"))};
}

// Those of the wanted resources that this server has, pods and secrets apart.
Result<std::vector<std::string>> KubectlProgram::served_resources(std::stop_token stop) const {
  const CommandResult result = TRY(run({"api-resources", "--verbs=list", "-o", "name"}, {}, stop));
  // One aggregated API that is down makes the status 1; what could be listed is complete otherwise.
  if (result.status != 0 && !says_incomplete_discovery(result))
    return std::unexpected(explain(result, std::move(stop)));
  const std::vector<std::string_view> lines = base::split(result.out, '\n');
  const std::set<std::string_view> served(lines.begin(), lines.end());
  std::vector<std::string> found;
  for (const std::string_view resource : kResources) {
    if (served.contains(resource)) found.emplace_back(resource);
  }
  if (found.empty())
    return base::environment_error(fmt::format("the server of context \"{}\" lists no resources", options_.context));
  return found;
}

Result<Node> KubectlProgram::read_list(const std::string& resources, std::vector<std::string> output,
                                       std::stop_token stop) const {
  std::vector<std::string> arguments = {"get", resources, "--all-namespaces"};
  std::ranges::move(output, std::back_inserter(arguments));
  const CommandResult result = TRY(run_well(std::move(arguments), std::move(stop)));
  return base::with_context(base::load_json(result.out, options_.context, json_limits(options_)),
                            "while reading what kubectl printed");
}

Result<std::vector<Node>> KubectlProgram::read_objects(std::stop_token stop) {
  const std::vector<std::string> resources = TRY(served_resources(stop));
  std::vector<Node> objects;
  objects.push_back(TRY(read_list(fmt::format("{}", fmt::join(resources, ",")), {"-o", "json"}, stop)));
  objects.push_back(TRY(read_list(std::string(kPods), {"-o", "json"}, stop)));
  const std::string secret_keys(kSecretKeysTemplate);
  objects.push_back(TRY(read_list(std::string(kSecrets), {"-o", "go-template", "--template", secret_keys}, stop)));
  return objects;
}

Result<ApplyReport> KubectlProgram::apply(const ApplyInput& input, ApplyMode mode, std::stop_token stop) {
  std::vector<std::string> arguments = with_namespace({"apply", "-f", "-"}, input);
  if (mode == ApplyMode::server_dry_run) arguments.emplace_back("--dry-run=server");
  const CommandResult result = TRY(run(std::move(arguments), std::string(input.manifests), stop));
  ApplyReport report = parse_apply_output(result);
  // Nothing was even tried: that is no refusal.
  if (result.status != 0 && report.objects.empty() && is_about_the_connection(result.err)) {
    return std::unexpected(explain(result, std::move(stop)));
  }
  return report;
}

Result<DiffReport> KubectlProgram::diff(const ApplyInput& input, std::stop_token stop) {
  CommandResult result = TRY(run(with_namespace({"diff", "-f", "-"}, input), std::string(input.manifests), stop));
  // kubectl diff: 0 no difference, 1 differences, more: it failed.
  if (result.status > 1) return std::unexpected(explain(result, std::move(stop)));
  if (result.status == 1 && result.out.empty()) return std::unexpected(explain(result, std::move(stop)));
  return DiffReport{.differs = result.status == 1, .text = std::move(result.out)};
}

}  // namespace

std::unique_ptr<Kubectl> make_kubectl(KubectlOptions options) {
  return std::make_unique<KubectlProgram>(std::move(options));
}

Result<std::vector<std::string>> list_contexts(const KubectlOptions& options, std::stop_token stop) {
  base::Command command;
  command.argv = {options.program, "config", "get-contexts", "-o", "name"};
  command.time_max = options.call_time_max;
  const CommandResult result = TRY(base::run_command(command, std::move(stop)));
  if (result.status != 0) return std::unexpected(explain_failure(result, ""));
  std::vector<std::string> contexts;
  for (const std::string_view line : base::split(result.out, '\n')) {
    if (!base::trim(line).empty()) contexts.emplace_back(base::trim(line));
  }
  std::ranges::sort(contexts);
  return contexts;
}

}  // namespace gantry::kube
