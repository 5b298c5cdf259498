// HorizontalPodAutoscaler: autoscaling/v2; v1 and the betas are read into the same type (disruption reference, §12).

#include "kube/readers.h"
#include "kube/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::kube {

namespace {

constexpr std::string_view kRootFields[] = {"apiVersion", "kind", "metadata", "spec", "status"};
constexpr std::string_view kSpecFields[] = {"behavior", "maxReplicas", "metrics", "minReplicas", "scaleTargetRef"};
constexpr std::string_view kV1Fields[] = {"maxReplicas", "minReplicas", "scaleTargetRef",
                                          "targetCPUUtilizationPercentage"};
constexpr std::string_view kRulesFields[] = {"policies", "selectPolicy", "stabilizationWindowSeconds", "tolerance"};

constexpr std::int64_t kDefaultCpuPercent = 80;  // §12.1, when no metric is given
constexpr Bounds kPeriod{1, 1800};               // autoscaling/v2: seconds of a policy
constexpr Bounds kWindow{0, 3600};               // autoscaling/v2: seconds of stabilization

struct MetricType {
  std::string_view word;
  ScaleMetric::Type type;
  std::string_view field;
};
constexpr std::array<MetricType, 5> kMetricTypes = {{
    {"Resource", ScaleMetric::Type::resource, "resource"},
    {"ContainerResource", ScaleMetric::Type::container_resource, "containerResource"},
    {"Pods", ScaleMetric::Type::pods, "pods"},
    {"Object", ScaleMetric::Type::object, "object"},
    {"External", ScaleMetric::Type::external, "external"},
}};
constexpr Choice<ScalePolicy::Type> kPolicyTypes[] = {{"Pods", ScalePolicy::Type::pods},
                                                      {"Percent", ScalePolicy::Type::percent}};
constexpr Choice<ScaleRules::Select> kSelects[] = {
    {"Max", ScaleRules::Select::max}, {"Min", ScaleRules::Select::min}, {"Disabled", ScaleRules::Select::disabled}};

// autoscaling/v2: `target: {type, averageUtilization | averageValue | value}`.
void parse_target(const Fields& source, ScaleMetric& metric) {
  const Fields target = source.map("target");
  source.require("target");
  const std::string type = target.text("type");
  if (type == "Utilization" || target.has("averageUtilization")) {
    metric.target = ScaleMetric::Target::utilization;
    metric.utilization_percent = target.integer_or("averageUtilization", 0, kPositive);
    if (target.present()) target.require("averageUtilization");
  } else if (type == "Value") {
    metric.target = ScaleMetric::Target::value;
    metric.amount = target.quantity("value").value_or(Quantity());
    target.require("value");
  } else {
    metric.target = ScaleMetric::Target::average_value;
    metric.amount = target.quantity("averageValue").value_or(Quantity());
    if (target.present()) target.require("averageValue");
  }
}

// autoscaling/v2beta1 puts the figures beside the name.
void parse_beta_target(const Fields& source, ScaleMetric& metric) {
  if (const auto percent = source.integer("targetAverageUtilization", kPositive)) {
    metric.target = ScaleMetric::Target::utilization;
    metric.utilization_percent = *percent;
    return;
  }
  const auto average = source.quantity("targetAverageValue");
  const auto plain = source.quantity("averageValue");
  const auto value = source.quantity("targetValue");
  metric.target = value && !average ? ScaleMetric::Target::value : ScaleMetric::Target::average_value;
  metric.amount = average.value_or(plain.value_or(value.value_or(Quantity())));
}

std::optional<ScaleMetric> parse_metric(const Fields& fields) {
  const std::string word = fields.text("type");
  const auto type = std::ranges::find(kMetricTypes, word, &MetricType::word);
  if (type == kMetricTypes.end()) {
    fields.reject("type", fmt::format("{} is no type of metric", quoted(word)),
                  "use Resource, ContainerResource, Pods, Object or External");
    return std::nullopt;
  }
  const Fields source = fields.map(type->field);
  const Fields metric_fields = source.map("metric");
  const Fields described = source.map("describedObject");
  fields.require(type->field);
  ScaleMetric metric;
  metric.type = type->type;
  metric.where = fields.pos();
  metric.name = metric_fields.text("name", source.text("name", source.text("metricName")));
  metric.container = source.text("container");
  metric.selector = metric_fields.present() ? metric_fields.selector("selector") : source.selector("selector");
  if (described.present())
    metric.described_object = fmt::format("{} {}", described.text("kind"), described.text("name"));
  if (fields.problems().object().version == "v2beta1") {
    parse_beta_target(source, metric);
  } else if (source.present()) {
    parse_target(source, metric);
  }
  return metric;
}

// §12.7, for a direction that is not written; a list that is written replaces the default one.
ScaleRules default_rules_up() {
  ScaleRules rules;
  rules.stabilization_window = std::chrono::seconds(0);
  rules.policies = {{ScalePolicy::Type::pods, 4, std::chrono::seconds(15)},
                    {ScalePolicy::Type::percent, 100, std::chrono::seconds(15)}};
  return rules;
}

ScaleRules default_rules_down() {
  ScaleRules rules;
  rules.policies = {{ScalePolicy::Type::percent, 100, std::chrono::seconds(15)}};
  return rules;
}

ScaleRules parse_rules(const Fields& fields, ScaleRules rules) {
  if (!fields.present()) return rules;
  fields.only(kRulesFields);
  if (const auto window = fields.seconds("stabilizationWindowSeconds", kWindow)) rules.stabilization_window = window;
  rules.select = fields.choice<ScaleRules::Select>("selectPolicy", kSelects).value_or(ScaleRules::Select::max);
  rules.tolerance = fields.quantity("tolerance");
  if (!fields.has("policies")) return rules;
  rules.policies.clear();
  fields.each("policies", [&](const Fields& policy) {
    policy.require("type");
    policy.require("value");
    policy.require("periodSeconds");
    ScalePolicy out;
    out.type = policy.choice<ScalePolicy::Type>("type", kPolicyTypes).value_or(ScalePolicy::Type::pods);
    out.value = policy.integer_or("value", 0, kPositive);
    out.period = policy.seconds("periodSeconds", kPeriod).value_or(out.period);
    rules.policies.push_back(out);
  });
  if (rules.policies.empty()) fields.reject("policies", "must hold at least one policy");
  return rules;
}

ScaleMetric cpu_metric(std::int64_t percent, const base::SourcePos& where) {
  ScaleMetric metric;
  metric.name = "cpu";
  metric.utilization_percent = percent;
  metric.where = where;
  return metric;
}

void parse_metrics(const Fields& spec, HorizontalPodAutoscaler& autoscaler) {
  if (const auto percent = spec.integer("targetCPUUtilizationPercentage", kPositive)) {
    autoscaler.metrics.push_back(cpu_metric(*percent, spec.pos("targetCPUUtilizationPercentage")));
  }
  spec.each("metrics", [&](const Fields& fields) {
    if (std::optional<ScaleMetric> metric = parse_metric(fields)) autoscaler.metrics.push_back(*std::move(metric));
  });
  autoscaler.metrics_written = !autoscaler.metrics.empty();
  if (!autoscaler.metrics_written) autoscaler.metrics.push_back(cpu_metric(kDefaultCpuPercent, spec.pos()));
}

void parse_target_ref(const Fields& spec, HorizontalPodAutoscaler& autoscaler) {
  spec.require("scaleTargetRef");
  const Fields target = spec.map("scaleTargetRef");
  const std::string api_version = target.text("apiVersion");
  const std::size_t slash = api_version.find('/');
  autoscaler.target_group = slash == std::string::npos ? "" : api_version.substr(0, slash);
  autoscaler.target_kind = target.text("kind");
  autoscaler.target_name = target.text("name");
  autoscaler.target_where = target.pos();
  if (!target.present()) return;
  target.require("kind");
  target.require("name");
}

}  // namespace

HorizontalPodAutoscaler parse_autoscaler(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  root.only(kRootFields);
  const Fields spec = root.map("spec");
  spec.only(object.version == "v1" ? std::span<const std::string_view>(kV1Fields) : kSpecFields);
  HorizontalPodAutoscaler autoscaler;
  autoscaler.object = object;
  parse_target_ref(spec, autoscaler);
  autoscaler.min_written = spec.has("minReplicas");
  autoscaler.min_replicas = spec.integer_or("minReplicas", 1, kNotNegative);
  spec.require("maxReplicas");
  autoscaler.max_replicas = spec.integer_or("maxReplicas", 0, kPositive);
  if (autoscaler.max_replicas != 0 && autoscaler.max_replicas < autoscaler.min_replicas) {
    spec.reject("maxReplicas", fmt::format("({}) must not be below minReplicas ({})", autoscaler.max_replicas,
                                           autoscaler.min_replicas));
  }
  parse_metrics(spec, autoscaler);
  const Fields behavior = spec.map("behavior");
  const Fields up = behavior.map("scaleUp");
  const Fields down = behavior.map("scaleDown");
  autoscaler.behavior_written = behavior.present();
  autoscaler.scale_up = parse_rules(up, default_rules_up());
  autoscaler.scale_down = parse_rules(down, default_rules_down());
  const Fields status = root.map("status");
  if (status.present() && object.origin == Origin::live) {
    autoscaler.status = {.current_replicas = status.integer_or("currentReplicas", 0),
                         .desired_replicas = status.integer_or("desiredReplicas", 0)};
  }
  return autoscaler;
}

}  // namespace gantry::kube
