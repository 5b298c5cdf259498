// What each step is bound to as JSON, schema gantry.bindings/v1 (docs/formats/bindings-json.md).

#include "report/json_values.h"
#include "report/renderers.h"

namespace gantry::report {

namespace {

Json write_check(const BoundCheck& check) {
  return {
      {"check", check.check},   {"subject", check.subject},         {"source", to_string(check.source)},
      {"origin", check.origin}, {"where", json_place(check.where)},
  };
}

Json write_step(const StepRow& step) {
  Json checks = Json::array();
  for (const BoundCheck& check : step.checks) checks.push_back(write_check(check));
  return {
      {"id", step.id},
      {"text", step.text},
      {"where", json_place(step.where)},
      {"bound", !step.checks.empty()},
      {"checks", std::move(checks)},
      {"proposal", step.proposal.empty() ? Json(nullptr) : Json(step.proposal)},
  };
}

Json write_track(const TrackRow& track) {
  Json steps = Json::array();
  for (const StepRow& step : track.steps) steps.push_back(write_step(step));
  return {{"id", track.id}, {"title", track.title}, {"steps", std::move(steps)}};
}

}  // namespace

std::string render_bindings_json(const Board& board, const RenderOptions&) {
  Json tracks = Json::array();
  for (const TrackRow& track : board.tracks) tracks.push_back(write_track(track));
  return dump_document({
      {"schema", "gantry.bindings/v1"},
      {"gantry_version", board.gantry_version},
      {"title", board.title},
      {"plan_file", board.plan_file},
      {"tracks", std::move(tracks)},
  });
}

}  // namespace gantry::report
