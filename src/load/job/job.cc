#include "load/job/job.h"

#include "base/base64.h"
#include "base/digest.h"
#include "base/utf8.h"
#include "load/options/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace gantry::load {

namespace {

using base::Node;
using base::Result;

// What the API server takes, with room for the rest of the object.
constexpr std::size_t kConfigMapBytesMax = 1'000'000;
// Of a Job; its pods' names have more behind it.
constexpr std::size_t kNameMax = 40;
// The root of the files in the pod: the script reads nothing outside of the folder that this lies in.
constexpr std::string_view kRootMark = "gantry.yaml";
constexpr std::int64_t kUser = 65532;
// Of what the pods' place is called: a run of another script, or with other flags, meets elsewhere.
constexpr std::size_t kPlaceLetters = 8;
// Until what was found is handed in, and taken.
constexpr std::chrono::seconds kHandInTime{120};
// The merging Job has something left to say when the wait is over.
constexpr std::chrono::seconds kLastWords{60};

bool is_object_name(std::string_view name) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= kNameMax && is_plain(name.front()) && is_plain(name.back()) &&
         std::ranges::all_of(name, [&](char c) { return is_plain(c) || c == '-'; });
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = base::first_code_point(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

// Kubernetes puts a variable where $(NAME) stands in an argument; $$ is a $.
std::string escape_argument(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '$' ? "$$" : std::string(1, c);
  return escaped;
}

Node texts(std::initializer_list<std::string> list) {
  Node::Array array;
  for (const std::string& text : list) array.emplace_back(text);
  return array;
}

class Maker {
 public:
  explicit Maker(const JobRequest& request) : request_(request) {}

  Result<std::vector<Node>> make() {
    Node config = TRY(make_config_map());
    return std::vector<Node>{std::move(config), make_members(), make_merger()};
  }

 private:
  Node labels(std::string_view component) const {
    return Node::Map{{"app.kubernetes.io/name", request_.name, {}},
                     {"app.kubernetes.io/component", std::string(component), {}},
                     {"app.kubernetes.io/managed-by", "gantry", {}}};
  }
  Node metadata(const std::string& name, std::string_view component) const {
    Node made = Node::Map{{"name", name, {}}};
    if (!request_.name_space.empty()) made.set("namespace", request_.name_space);
    made.set("labels", labels(component));
    return made;
  }
  // Where the parts of this Job meet, and nobody else.
  std::string place() const {
    base::DigestBuilder digest;
    for (const auto& [path, content] : request_.files) digest.add(path).add(content);
    for (const std::string& argument : request_.arguments) digest.add(argument);
    digest.add(fmt::to_string(request_.parallelism));
    return fmt::format("{}/{}-{}", request_.server, request_.name, digest.hex().substr(0, kPlaceLetters));
  }
  std::chrono::seconds deadline() const { return request_.start_within + request_.longest + kHandInTime; }

  // Keys may have no slash, so that files are numbered and get their paths where they are mounted.
  Result<Node> make_config_map() {
    Node data = Node::empty_map();
    Node binary = Node::empty_map();
    std::size_t bytes = 0;
    const auto add = [&](const std::string& path, const std::string& content) {
      std::string key = fmt::format("{:03}-{}", items_.size(), path.substr(path.rfind('/') + 1));
      std::ranges::replace_if(
          key, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-'; }, '_');
      items_.push_back(Node::Map{{"key", key, {}}, {"path", path, {}}});
      if (is_utf8(content))
        data.set(key, content);
      else
        binary.set(key, base::encode_base64(content));
      bytes += key.size() + content.size() * (is_utf8(content) ? 3 : 4) / 3;
    };
    for (const auto& [path, content] : request_.files) add(path, content);
    if (!request_.files.contains(std::string(kRootMark))) add(std::string(kRootMark), "{}\n");
    if (bytes > kConfigMapBytesMax)
      return base::input_error(
          fmt::format("the script and its files are {} bytes, and a ConfigMap holds {}", bytes, kConfigMapBytesMax), {},
          "put large files into the image, or let the script make what it sends");
    Node map = Node::Map{{"apiVersion", "v1", {}},
                         {"kind", "ConfigMap", {}},
                         {"metadata", metadata(request_.name + "-script", "script"), {}}};
    map.set("data", std::move(data));
    if (!binary.map().empty()) map.set("binaryData", std::move(binary));
    return map;
  }

  Node container(const std::string& name, Node::Array arguments) const {
    Node made = Node::Map{{"name", name, {}}, {"image", request_.image, {}}, {"args", std::move(arguments), {}}};
    if (!request_.secret.empty() && name == "load")
      made.set("envFrom", Node::Array{Node::Map{{"secretRef", Node::Map{{"name", request_.secret, {}}}, {}}}});
    const Node amounts = Node::Map{{"cpu", request_.cpu, {}}, {"memory", request_.memory, {}}};
    made.set("resources", Node::Map{{"requests", amounts, {}}, {"limits", amounts, {}}});
    made.set("securityContext", Node::Map{{"allowPrivilegeEscalation", Node(false), {}},
                                          {"readOnlyRootFilesystem", Node(true), {}},
                                          {"capabilities", Node::Map{{"drop", texts({"ALL"}), {}}}, {}}});
    return made;
  }

  Node pod(std::string_view component, Node made_container) const {
    const Node spec = Node::Map{{"restartPolicy", "Never", {}},
                                {"automountServiceAccountToken", Node(false), {}},
                                {"securityContext",
                                 Node::Map{{"runAsNonRoot", Node(true), {}},
                                           {"runAsUser", kUser, {}},
                                           {"runAsGroup", kUser, {}},
                                           {"seccompProfile", Node::Map{{"type", "RuntimeDefault", {}}}, {}}},
                                 {}},
                                {"containers", Node::Array{std::move(made_container)}, {}}};
    return Node::Map{{"metadata", Node::Map{{"labels", labels(component), {}}}, {}}, {"spec", spec, {}}};
  }

  Node make_members() const {
    Node::Array arguments = texts({"load", "run", "--quiet"}).array();
    for (const std::string& argument : request_.arguments) arguments.emplace_back(escape_argument(argument));
    for (const std::string& argument :
         {fmt::format("--part=$(JOB_COMPLETION_INDEX)/{}", request_.parallelism),
          escape_argument(fmt::format("--start-barrier={}", place())),
          fmt::format("--start-barrier-wait={}s", request_.start_within.count()), std::string("--start-barrier-merge"),
          escape_argument(fmt::format("--out=summary={}", place())),
          escape_argument(fmt::format("{}/{}", kJobFiles, request_.script))})
      arguments.emplace_back(argument);
    Node load = container("load", std::move(arguments));
    load.set("volumeMounts", mounts());
    Node made = pod("load", std::move(load));
    Node& spec = *made.get("spec");
    // Two generators on one node measure each other.
    spec.set("topologySpreadConstraints",
             Node::Array{Node::Map{{"maxSkew", 1, {}},
                                   {"topologyKey", "kubernetes.io/hostname", {}},
                                   {"whenUnsatisfiable", "ScheduleAnyway", {}},
                                   {"labelSelector", Node::Map{{"matchLabels", labels("load"), {}}}, {}}}});
    spec.set("volumes", volumes());
    return job(request_.name, "load", request_.parallelism, deadline(), std::move(made));
  }

  Node mounts() const {
    Node::Array mounts = {
        Node::Map{{"name", "script", {}}, {"mountPath", kJobFiles, {}}, {"readOnly", Node(true), {}}}};
    if (!request_.secret_files.empty())
      mounts.push_back(
          Node::Map{{"name", "secrets", {}}, {"mountPath", kJobSecrets, {}}, {"readOnly", Node(true), {}}});
    return mounts;
  }
  Node volumes() const {
    Node::Array volumes = {
        Node::Map{{"name", "script", {}},
                  {"configMap", Node::Map{{"name", request_.name + "-script", {}}, {"items", items_, {}}}, {}}}};
    if (!request_.secret_files.empty())
      volumes.push_back(
          Node::Map{{"name", "secrets", {}}, {"secret", Node::Map{{"secretName", request_.secret_files, {}}}, {}}});
    return volumes;
  }

  Node make_merger() const {
    Node::Array arguments =
        texts({"load", "merge", escape_argument(place()), "--start-barrier", "--count",
               fmt::to_string(request_.parallelism), "--wait", fmt::format("{}s", deadline().count())})
            .array();
    for (const std::string& argument : request_.merge_arguments) arguments.emplace_back(escape_argument(argument));
    return job(request_.name + "-merge", "merge", 1, deadline() + kLastWords,
               pod("merge", container("merge", std::move(arguments))));
  }

  // A part that began again would begin late: it fails instead, and the Job with it.
  Node job(const std::string& name, std::string_view component, std::int64_t pods, std::chrono::seconds deadline,
           Node made_pod) const {
    const Node spec = Node::Map{{"completionMode", "Indexed", {}},
                                {"completions", pods, {}},
                                {"parallelism", pods, {}},
                                {"backoffLimit", 0, {}},
                                {"activeDeadlineSeconds", std::int64_t{deadline.count()}, {}},
                                {"template", std::move(made_pod), {}}};
    return Node::Map{{"apiVersion", "batch/v1", {}},
                     {"kind", "Job", {}},
                     {"metadata", metadata(name, component), {}},
                     {"spec", spec, {}}};
  }

  const JobRequest& request_;
  Node::Array items_ = {};  // which key is which path
};

}  // namespace

Result<std::chrono::seconds> longest_run(const RunOutcome& evaluated) {
  Duration longest{0};
  for (const ScenarioOutcome& each : evaluated.scenarios)
    longest = std::max(longest, each.scenario.start_time + length_of(each.scenario.plan) + each.scenario.graceful_stop);
  const OptionFields fields(evaluated.options, "options");
  longest += TRY(fields.duration("setupTimeout", std::chrono::seconds(60), Duration(1)));
  longest += TRY(fields.duration("teardownTimeout", std::chrono::seconds(60), Duration(1)));
  longest += TRY(fields.duration("handleSummaryTimeout", std::chrono::seconds(120), Duration(1)));
  return std::chrono::ceil<std::chrono::seconds>(longest);
}

Result<std::vector<Node>> make_job(const JobRequest& request) {
  if (!is_object_name(request.name))
    return base::usage_error(fmt::format("\"{}\" is no name for a Job", request.name),
                             fmt::format("take up to {} small letters, digits and -", kNameMax));
  return Maker(request).make();
}

}  // namespace gantry::load
