#include "launch/checks/references/references.h"
#include "launch/checks/system/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace gantry::launch {

using base::Finding;
using base::SourcePos;
using kube::Container;
using kube::EnvFrom;
using kube::EnvSource;
using kube::EnvVar;
using kube::PodSpec;
using kube::VolumeKind;
using kube::VolumeSource;
using kube::Workload;

namespace {

// A ConfigMap or Secret that a pod is given, whole or one key of it.
struct Given {
  bool is_secret = false;
  std::string_view name;
  std::string_view key;  // "": all of it
  bool optional = false;
  const SourcePos& where;
};

// Judges the template of one workload; what is said once about it is not said again for the next container.
class PodJudge {
 public:
  PodJudge(const World& world, const Workload& workload, std::vector<Finding>& findings)
      : world_(world), workload_(workload), owner_(to_string(workload.object.id)), findings_(findings) {}

  void judge();

 private:
  void judge_container(const Container& container);
  void judge_volume(const VolumeSource& source);
  void judge_given(const Given& given);
  void judge_account();
  void judge_claim(const VolumeSource& source);
  void judge_classes();
  bool is_made_by_template(std::string_view claim) const;
  std::string missing_fix(const Given& given) const;
  void add(Finding finding);

  const PodSpec& spec() const { return *workload_.pod_template.spec; }
  const std::string& name_space() const { return workload_.name_space(); }

  const World& world_;
  const Workload& workload_;
  std::string owner_;
  std::vector<Finding>& findings_;
  std::set<std::string> said_;
};

void PodJudge::judge() {
  for (const Container& container : spec().init_containers) judge_container(container);
  for (const Container& container : spec().containers) judge_container(container);
  for (const kube::Volume& volume : spec().volumes) {
    judge_volume(volume.source);
    for (const VolumeSource& source : volume.projected) judge_volume(source);
  }
  judge_account();
  judge_classes();
}

void PodJudge::add(Finding finding) {
  if (said_.insert(finding.message).second) findings_.push_back(std::move(finding));
}

void PodJudge::judge_container(const Container& container) {
  for (const EnvFrom& from : container.env_from)
    judge_given({.is_secret = from.kind == EnvFrom::Kind::secret,
                 .name = from.name,
                 .key = {},
                 .optional = from.optional,
                 .where = from.where});
  for (const EnvVar& variable : container.env) {
    if (variable.source != EnvSource::config_map_key && variable.source != EnvSource::secret_key) continue;
    judge_given({.is_secret = variable.source == EnvSource::secret_key,
                 .name = variable.ref.name,
                 .key = variable.ref.key,
                 .optional = variable.ref.optional,
                 .where = variable.where});
  }
}

void PodJudge::judge_volume(const VolumeSource& source) {
  if (source.kind == VolumeKind::persistent_volume_claim) return judge_claim(source);
  if (source.kind != VolumeKind::config_map && source.kind != VolumeKind::secret) return;
  Given given{.is_secret = source.kind == VolumeKind::secret,
              .name = source.name,
              .key = {},
              .optional = source.optional,
              .where = source.where};
  if (source.items.empty()) return judge_given(given);
  for (const kube::KeyToPath& item : source.items) {
    given.key = item.key;
    judge_given(given);
  }
}

// A generated name ends in a hash, which only rendering knows.
std::string PodJudge::missing_fix(const Given& given) const {
  const std::vector<std::string_view> known =
      given.is_secret ? world_.secret_names(name_space()) : world_.config_map_names(name_space());
  const std::string prefix = fmt::format("{}-", given.name);
  const bool is_generated = std::ranges::any_of(known, [&](std::string_view name) { return name.starts_with(prefix); });
  if (is_generated) return "its name is generated: apply the folder of the kustomization with -k";
  return nearest_fix(
      given.name, known,
      fmt::format("add the {} to the manifests", given.is_secret ? "Secret, or what makes it," : "ConfigMap"));
}

void PodJudge::judge_given(const Given& given) {
  const std::string_view kind = given.is_secret ? "Secret" : "ConfigMap";
  const DeclaredKeys* declared =
      given.is_secret ? world_.find_secret(name_space(), given.name) : world_.find_config_map(name_space(), given.name);
  std::string_view rule = given.is_secret ? "ref.secret-missing" : "ref.configmap-missing";
  std::string message =
      fmt::format("{} needs {} {} in {}, which nothing declares", owner_, kind, given.name, name_space());
  std::string fix;
  if (!declared) {
    fix = missing_fix(given);
  } else {
    if (given.key.empty() || !declared->complete || declared->keys.contains(given.key)) return;
    rule = given.is_secret ? "ref.secret-key-missing" : "ref.configmap-key-missing";
    message = fmt::format("{} needs key {} of {} {}, which {} does not have", owner_, given.key, kind, given.name,
                          declared->declared_by);
    fix = nearest_fix(given.key, {declared->keys.begin(), declared->keys.end()}, "add the key");
  }
  if (given.optional) {
    rule = "ref.optional-missing";
    message += " (optional)";
  }
  add(make_finding(rule, owner_, given.where, std::move(message), std::move(fix)));
}

void PodJudge::judge_account() {
  const std::string& account = spec().service_account;
  // The control plane makes "default" in every namespace.
  if (!account.empty() && account != "default" &&
      !kube::find_named(world_.snapshot()->service_accounts, name_space(), account)) {
    std::vector<std::string_view> known;
    for (const kube::ServiceAccount& each : kube::in_namespace(world_.snapshot()->service_accounts, name_space()))
      known.push_back(each.object.id.name);
    add(make_finding("ref.service-account-missing", owner_, spec().where,
                     fmt::format("{} runs as ServiceAccount {}, which {} does not have", owner_, account, name_space()),
                     nearest_fix(account, known, "add the ServiceAccount")));
  }
  for (const std::string& secret : spec().image_pull_secrets) {
    if (world_.find_secret(name_space(), secret)) continue;
    add(make_finding(
        "ref.pull-secret-missing", owner_, spec().where,
        fmt::format("{} pulls images with Secret {}, which nothing declares in {}", owner_, secret, name_space()),
        nearest_fix(secret, world_.secret_names(name_space()), "add the Secret, or what makes it")));
  }
}

// "data-nats-0": what the claim templates of a StatefulSet are named after.
bool PodJudge::is_made_by_template(std::string_view claim) const {
  return std::ranges::any_of(kube::in_namespace(world_.snapshot()->workloads, name_space()), [&](const Workload& set) {
    return std::ranges::any_of(set.claim_templates, [&](const kube::PersistentVolumeClaim& each) {
      return claim.starts_with(fmt::format("{}-{}-", each.object.id.name, set.name()));
    });
  });
}

void PodJudge::judge_claim(const VolumeSource& source) {
  if (kube::find_named(world_.snapshot()->volume_claims, name_space(), source.name) || is_made_by_template(source.name))
    return;
  std::vector<std::string_view> known;
  for (const kube::PersistentVolumeClaim& claim : kube::in_namespace(world_.snapshot()->volume_claims, name_space()))
    known.push_back(claim.object.id.name);
  add(make_finding(
      "ref.claim-missing", owner_, source.where,
      fmt::format("{} mounts PersistentVolumeClaim {}, which {} does not have", owner_, source.name, name_space()),
      nearest_fix(source.name, known, "add the claim")));
}

void judge_storage_class(const World& world, const kube::PersistentVolumeClaim& claim, const std::string& owner,
                         std::vector<Finding>& findings) {
  if (!claim.storage_class || claim.storage_class->empty()) return;
  if (kube::find_named(world.snapshot()->storage_classes, "", *claim.storage_class)) return;
  findings.push_back(
      make_finding("ref.class-unknown", owner, claim.object.pos(),
                   fmt::format("{} needs StorageClass {}, which no manifest makes", owner, *claim.storage_class),
                   "see that the cluster has it"));
}

void PodJudge::judge_classes() {
  // Those of the system come with every cluster.
  if (const std::string& name = spec().priority_class;
      !name.empty() && !name.starts_with("system-") && !kube::find_named(world_.snapshot()->priority_classes, "", name))
    add(make_finding("ref.class-unknown", owner_, spec().where,
                     fmt::format("{} needs PriorityClass {}, which no manifest makes", owner_, name),
                     "see that the cluster has it"));
  for (const kube::PersistentVolumeClaim& claim : workload_.claim_templates)
    judge_storage_class(world_, claim, owner_, findings_);
}

}  // namespace

void judge_pod_references(const World& world, const kube::Snapshot& judged, std::vector<Finding>& findings) {
  for (const Workload& workload : judged->workloads) PodJudge(world, workload, findings).judge();
  for (const kube::PersistentVolumeClaim& claim : judged->volume_claims)
    judge_storage_class(world, claim, to_string(claim.object.id), findings);
}

}  // namespace gantry::launch
