// Queries for Jobs by labels that only their pods have (disruption reference, §11.2, T5). A Job without labels of its own is given
// those of its pod template; one label, such as kustomize's commonLabels put into jobTemplate.metadata, and it is given none.

#include "base/text.h"
#include "disruption/catalogue/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace gantry::disruption {

using base::Finding;
using kube::LabelSelector;
using kube::LabelSet;
using kube::Workload;
using kube::WorkloadKind;

namespace {

struct JobQuery {
  std::string text;  // "kubectl get jobs -l app=tidy"
  std::string name_space;
  LabelSelector selector;
};

bool means_jobs(std::string_view word) {
  constexpr std::array<std::string_view, 4> kNames = {"job", "jobs", "job.batch", "jobs.batch"};
  return std::ranges::find(kNames, word) != kNames.end();
}

// The value of a flag at `i`: "-l X", "-lX", "-l=X", "--selector X", "--selector=X". Steps over a value that is a word of its own.
std::optional<std::string> value_of(const std::vector<std::string>& words, std::size_t& i, std::string_view brief,
                                    std::string_view full) {
  const std::string_view word = words[i];
  if (word == brief || word == full) return i + 1 < words.size() ? std::optional(words[++i]) : std::nullopt;
  for (const std::string_view name : {full, brief}) {
    if (!word.starts_with(name)) continue;
    const std::string_view rest = word.substr(name.size());
    if (rest.starts_with('=')) return std::string(rest.substr(1));
    if (name == brief && !word.starts_with("--")) return std::string(rest);
  }
  return {};
}

// The words of the first kubectl command of a line, up to where another command begins.
std::vector<std::string> kubectl_words(std::string_view line) {
  constexpr std::array<std::string_view, 5> kOperators = {"|", "||", "&&", ";", ">"};
  const std::size_t kubectl = line.find("kubectl ");
  if (line.starts_with('#') || kubectl == std::string_view::npos) return {};
  std::vector<std::string> words = base::split_shell_words(line.substr(kubectl)).value_or(std::vector<std::string>());
  const auto ends = [&](const std::string& word) {
    return word.ends_with(';') || std::ranges::find(kOperators, word) != kOperators.end();
  };
  const auto end = std::ranges::find_if(words, ends);
  if (end == words.end()) return words;
  if (end->size() > 1 && end->ends_with(';')) {
    end->pop_back();
    words.erase(end + 1, words.end());
  } else {
    words.erase(end, words.end());
  }
  return words;
}

std::optional<JobQuery> read_query(std::string_view line) {
  const std::vector<std::string> words = kubectl_words(line);
  JobQuery query{.text = fmt::format("{}", fmt::join(words, " ")), .name_space = {}, .selector = {}};
  bool jobs = false;
  std::string labels;
  for (std::size_t i = 1; i < words.size(); ++i) {
    jobs = jobs || means_jobs(words[i]);
    if (std::optional<std::string> value = value_of(words, i, "-l", "--selector"))
      labels = *std::move(value);
    else if ((value = value_of(words, i, "-n", "--namespace")))
      query.name_space = *std::move(value);
  }
  const base::Result<LabelSelector> selector = LabelSelector::parse_text(labels);
  if (!jobs || !selector || selector->selects_everything()) return {};
  query.selector = *selector;
  return query;
}

// What its Jobs are labelled with in the end, and where somebody wrote that.
struct JobLabels {
  const Workload* workload = nullptr;
  LabelSet labels;
  base::SourcePos where;
};

std::optional<JobLabels> labels_of(const Workload& workload) {
  if (workload.object.rejected() || !workload.object.document) return {};
  JobLabels job{.workload = &workload, .labels = {}, .where = workload.object.pos()};
  if (workload.kind == WorkloadKind::job) {
    job.labels = workload.object.labels;
  } else if (workload.kind == WorkloadKind::cron_job) {
    const base::Node* labels = workload.object.document->find("spec", "jobTemplate", "metadata", "labels");
    if (labels != nullptr && labels->is_map()) {
      job.where = labels->pos();
      for (const base::Node::Member& label : labels->map())
        if (label.value.is_string()) job.labels.set(label.key, label.value.string());
    }
  } else {
    return {};
  }
  if (job.labels.empty()) job.labels = workload.pod_template.labels;
  return job;
}

void judge_query(const JobQuery& query, const Script& script, const std::vector<JobLabels>& jobs,
                 std::vector<Finding>& findings) {
  const auto is_asked = [&](const JobLabels& job) {
    return query.name_space.empty() || query.name_space == job.workload->name_space();
  };
  const auto is_found = [&](const JobLabels& job) { return is_asked(job) && query.selector.matches(job.labels); };
  if (std::ranges::any_of(jobs, is_found)) return;
  for (const JobLabels& job : jobs) {
    if (!is_asked(job) || !query.selector.matches(job.workload->pod_template.labels)) continue;
    const std::string name = to_string(job.workload->object.id);
    findings.push_back(
        make_finding("workload.job-labels", name, job.where,
                     fmt::format("`{}` in {} finds no Job of {}: its pods have these labels, and its Jobs have only {}",
                                 query.text, script.object, name, to_string(job.labels)),
                     "write the labels into jobTemplate.metadata.labels as well, or ask for pods"));
    findings.back().related.push_back({script.where, "the query"});
  }
}

}  // namespace

void judge_job_labels(const kube::Snapshot& snapshot, std::vector<Finding>& findings) {
  std::vector<JobLabels> jobs;
  for (const Workload& workload : snapshot->workloads)
    if (std::optional<JobLabels> job = labels_of(workload)) jobs.push_back(*std::move(job));
  if (jobs.empty()) return;
  for (const Script& script : collect_scripts(snapshot))
    for (const std::string_view line : base::split(script.text, '\n'))
      if (const std::optional<JobQuery> query = read_query(base::trim(line)))
        judge_query(*query, script, jobs, findings);
}

}  // namespace gantry::disruption
