#pragma once

// Passes samples on to a run's outputs. Private to load.

#include "load/load.h"
#include "load/options/system_tags.h"
#include "load/output/output.h"

#include <fmt/format.h>

#include <optional>

namespace gantry::load {

class OutputTap final : public SampleTap {
 public:
  // `tags` outlives this.
  OutputTap(const RunRequest& request, RunOutcome& outcome, const SystemTags& tags)
      : request_(request), outcome_(outcome), system_tags_(tags) {}
  OutputTap(const OutputTap&) = delete;
  OutputTap& operator=(const OutputTap&) = delete;
  ~OutputTap() override { outcome_.recorder->set_tap(nullptr); }

  // From now on, where there is anybody to pass them to.
  void start() {
    if (request_.outputs.empty()) return;
    started_.emplace(OutputStart{.began = request_.clock ? request_.clock->now() : base::Timestamp(),
                                 .registry = *outcome_.registry,
                                 .thresholds = outcome_.thresholds,
                                 .system_tags = system_tags_,
                                 .log = request_.log});
    for (SampleOutput* output : request_.outputs) output->start(*started_);
    outcome_.recorder->set_tap(this);
  }

  void on_sample(const TakenSample& sample) override {
    if (sample.set >= sets_usual_) warn_of_sets();
    for (SampleOutput* output : request_.outputs) output->add(sample);
  }

  // There are no more. What could not be written is said; it is no reason for the run to fail.
  void finish() {
    if (!started_) return;
    outcome_.recorder->set_tap(nullptr);
    for (SampleOutput* output : request_.outputs)
      if (const base::Result<void> finished = output->finish(); !finished)
        request_.log(LogLevel::error, finished.error().message, "");
  }

 private:
  // k6 says it at the same numbers (k6 reference, §10.8).
  void warn_of_sets() {
    request_.log(
        LogLevel::warning,
        fmt::format("samples have more than {} different sets of tags, all of which an output remembers: group URLs "
                    "with the tag name, or http.url",
                    sets_usual_),
        "");
    sets_usual_ *= 2;
  }

  const RunRequest& request_;
  RunOutcome& outcome_;
  const SystemTags& system_tags_;
  std::optional<OutputStart> started_ = {};
  TagSetId sets_usual_ = 100'000;
};

}  // namespace gantry::load
