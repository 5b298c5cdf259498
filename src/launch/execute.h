#pragma once

// Runs the checks that have no fresh evidence, and keeps what they found.

#include "kube/kubectl.h"
#include "launch/found_evidence.h"
#include "launch/inputs.h"
#include "launch/launch.h"
#include "launch/manifests.h"
#include "launch/session.h"
#include "launch/store.h"

#include <memory>

namespace gantry::launch {

struct Recalled;

// Most checks run before the gate is asked; the release tag only once everything else is GO.
enum class Stage { before_go, after_go };

class Executor {
 public:
  // All three must outlive the executor. What is found goes into the session's checks.
  Executor(Session& session, EvidenceStore& store, const RunOptions& options);
  ~Executor();

  // A check that cannot decide is a state, not an error; errors are those of the store, and a requested stop.
  base::Result<void> run(Stage stage);

  int checks_run() const { return checks_run_; }
  int checks_reused() const { return checks_reused_; }
  // Checks that had failed and ran again since an input had changed (reference §2.4: what entropy is spent on).
  int retries() const { return retries_; }
  // What was written of the documents that checks judge: "docs/baseline.md: the results written".
  const std::vector<std::string>& written() const { return written_; }

 private:
  struct Job {
    const Binding* binding = nullptr;
    bool is_selected = true;
  };
  std::vector<Job> schedule(Stage stage) const;
  bool is_selected(std::string_view step) const;
  bool is_asked_for(const CheckType& check) const;
  base::Result<CheckState> decide(const Job& job);
  base::Result<CheckState> execute(const Binding& binding, const Recalled& recalled);
  base::Result<void> write_draft(const CheckType& check, CheckContext& context);
  void note_options(const CheckType& check, InputRecorder& recorder) const;
  const std::optional<base::SourceTree>& source_tree();

  Session& session_;
  EvidenceStore& store_;
  const RunOptions& options_;
  std::vector<AppliedPath> applied_paths_;
  SessionEvidence found_;
  std::unique_ptr<kube::Kubectl> kubectl_;
  std::optional<std::optional<base::SourceTree>> source_tree_;  // asked for once, by the first check that runs
  int checks_run_ = 0;
  int checks_reused_ = 0;
  int retries_ = 0;
  std::vector<std::string> written_;
};

// Fills the session's checks from stored evidence that is still fresh. Runs nothing but the checks that ask people and those that
// look again at no cost; their answers are not stored.
base::Result<void> recall_evidence(Session& session, EvidenceStore& store, base::Timestamp now);

}  // namespace gantry::launch
