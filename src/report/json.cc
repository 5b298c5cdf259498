// The board as JSON, schema gantry.board/v1 (docs/formats/board-json.md). Every key is always there: what is absent is null
// or an empty list, so that a reader needs no cases. Within a version keys may be added, never changed or removed.

#include "report/board_facts.h"
#include "report/json_values.h"
#include "report/renderers.h"

namespace gantry::report {

namespace {

// Writes findings together with the waiver that covers each, which depends on where it turned up.
class BoardWriter {
 public:
  explicit BoardWriter(const Board& board) : board_(board), waivers_(board) {}

  Json document() const;

 private:
  Json findings(std::vector<base::Finding> findings, std::string_view subject) const;
  Json finding(const base::Finding& finding, std::string_view subject) const;
  Json evidence(const base::Evidence& evidence, std::string_view subject) const;
  Json check(const BoundCheck& check, std::string_view subject) const;
  Json step(const StepRow& step) const;
  Json track(const TrackRow& track) const;

  const Board& board_;
  WaiverIndex waivers_;
};

template <typename Range, typename Write>
Json list_of(const Range& range, const Write& write) {
  Json list = Json::array();
  for (const auto& element : range) list.push_back(write(element));
  return list;
}

Json time_or_null(const std::optional<base::Timestamp>& time) {
  return time ? Json(base::format_rfc3339(*time)) : Json(nullptr);
}

Json counts_of(const StateCounts& counts) {
  Json object = Json::object();
  for (const State state : kStates) object[std::string(to_string(state))] = counts.of(state);
  return object;
}

Json BoardWriter::finding(const base::Finding& finding, std::string_view subject) const {
  const WaiverRow* waiver = waivers_.find(finding, subject);
  Json json = json_finding(finding);
  json["waived_by"] = waiver ? Json(waiver->subject) : Json(nullptr);
  return json;
}

Json BoardWriter::findings(std::vector<base::Finding> findings, std::string_view subject) const {
  base::sort_findings(findings);
  return list_of(findings, [&](const base::Finding& each) { return finding(each, subject); });
}

Json BoardWriter::evidence(const base::Evidence& evidence, std::string_view subject) const {
  return {
      {"id", evidence.id},
      {"key", evidence.key},
      {"check", evidence.check},
      {"subject", evidence.subject},
      {"class", base::to_string(evidence.evidence_class)},
      {"verdict", base::to_string(evidence.verdict)},
      {"summary", evidence.summary},
      {"engine_version", evidence.engine_version},
      {"source", evidence.source ? Json{{"commit", evidence.source->commit},
                                        {"tree", evidence.source->tree},
                                        {"dirty", evidence.source->is_dirty}}
                                 : Json(nullptr)},
      {"started", base::format_rfc3339(evidence.started)},
      {"finished", base::format_rfc3339(evidence.finished)},
      {"duration_ms", (evidence.finished - evidence.started).count()},
      {"fresh_until", time_or_null(evidence.fresh_until)},
      {"inputs", list_of(evidence.inputs,
                         [](const base::EvidenceInput& input) {
                           return Json{{"name", input.name}, {"digest", input.digest}};
                         })},
      {"findings", findings(evidence.findings, subject)},
      {"metrics", list_of(evidence.metrics,
                          [](const base::Metric& metric) {
                            return Json{{"name", metric.name}, {"value", metric.value}};
                          })},
      {"artifacts",
       list_of(evidence.artifacts,
               [](const base::Artifact& artifact) {
                 return Json{{"name", artifact.name}, {"sha256", artifact.sha256}, {"media_type", artifact.media_type}};
               })},
  };
}

Json BoardWriter::check(const BoundCheck& check, std::string_view subject) const {
  return {
      {"check", check.check},
      {"subject", check.subject},
      {"source", to_string(check.source)},
      {"origin", check.origin},
      {"where", json_place(check.where)},
      {"state", to_string(check.state)},
      {"summary", check.summary},
      {"reused", check.reused},
      {"stale_because", check.stale_because.empty() ? Json(nullptr) : Json(check.stale_because)},
      {"evidence", check.evidence ? evidence(*check.evidence, subject) : Json(nullptr)},
  };
}

Json BoardWriter::step(const StepRow& step) const {
  return {
      {"id", step.id},
      {"text", step.text},
      {"where", json_place(step.where)},
      {"state", to_string(step.state)},
      {"summary", step.summary},
      {"proposal", step.proposal.empty() ? Json(nullptr) : Json(step.proposal)},
      {"checks", list_of(step.checks, [&](const BoundCheck& each) { return check(each, step.id); })},
  };
}

Json BoardWriter::track(const TrackRow& track) const {
  return {
      {"id", track.id},
      {"title", track.title},
      {"weight_percent", track.weight_percent == 0 ? Json(nullptr) : Json(track.weight_percent)},
      {"state", to_string(track.state)},
      {"steps", list_of(track.steps, [&](const StepRow& each) { return step(each); })},
  };
}

Json write_criterion(const CriterionRow& criterion) {
  return {
      {"ordinal", criterion.ordinal},         {"text", criterion.text},
      {"where", json_place(criterion.where)}, {"ticked", criterion.ticked},
      {"state", to_string(criterion.state)},  {"summary", criterion.summary},
      {"decided_by", criterion.decided_by},
  };
}

Json write_blocker(const Blocker& blocker) {
  return {
      {"subject", blocker.subject},
      {"state", to_string(blocker.state)},
      {"reason", blocker.reason},
      {"next_step", blocker.next_step},
  };
}

Json write_waiver(const WaiverRow& waiver) {
  return {
      {"subject", waiver.subject},           {"why", waiver.why},
      {"accepted_by", waiver.accepted_by},   {"expires", base::format_rfc3339(waiver.expires)},
      {"fingerprints", waiver.fingerprints},
  };
}

Json BoardWriter::document() const {
  const std::optional<Expiry> expiry = first_expiry(board_);
  return {
      {"schema", "gantry.board/v1"},
      {"gantry_version", board_.gantry_version},
      {"title", board_.title},
      {"plan_file", board_.plan_file},
      {"judged_at", base::format_rfc3339(board_.judged_at)},
      {"environment", board_.environment},
      {"decision", to_string(board_.decision)},
      {"verdict", verdict_sentence(board_)},
      {"first_expiry", expiry ? Json{{"at", base::format_rfc3339(expiry->at)}, {"what", expiry->what}} : Json(nullptr)},
      {"progress_percent", board_.progress_percent},
      {"step_counts", counts_of(count_steps(board_))},
      {"checks_run", board_.checks_run},
      {"checks_reused", board_.checks_reused},
      {"blockers", list_of(board_.blockers, write_blocker)},
      {"tracks", list_of(board_.tracks, [&](const TrackRow& each) { return track(each); })},
      {"criteria", list_of(board_.criteria, write_criterion)},
      {"plan_findings", findings(board_.plan_findings, kPlanSubject)},
      {"waivers", list_of(board_.waivers, write_waiver)},
      {"changed_files", board_.changed_files},
  };
}

}  // namespace

std::string render_json(const Board& board, const RenderOptions&) {
  return dump_document(BoardWriter(board).document());
}

}  // namespace gantry::report
