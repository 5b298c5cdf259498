#pragma once

// What other checks have found, for checks that are about evidence: whether a document says it, whether it got worse.

#include "base/evidence.h"
#include "base/node.h"
#include "base/result.h"
#include "base/time.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

class FoundEvidence {
 public:
  virtual ~FoundEvidence() = default;

  struct Found {
    std::string step;  // the first that asks for it: "B.2"
    std::string binding_key;
    base::Node block;
    base::Evidence evidence;
  };
  // Of the plan's checks of that name, those whose evidence holds, in the order of the plan, each once.
  virtual std::vector<Found> of(std::string_view check) const = 0;
  // The first that passed and began at `since` or later, about the same subject: of another block too, where the plan has only this one
  // about it, so that who edits a block does not lose what came before. Nothing where there is none.
  virtual base::Result<std::optional<base::Evidence>> first_passed(const Found& found, base::Timestamp since) const = 0;
  // What an artifact holds. Errors: environment (it is gone), input (it is another).
  virtual base::Result<std::string> read(const base::Artifact& artifact) const = 0;
};

// The name that a piece of evidence has among the inputs of a check that leans on it.
std::string evidence_input_name(std::string_view check, std::string_view subject);

struct Session;
class EvidenceStore;

// Of a plan's session, as far as its checks are decided. Both must outlive this.
class SessionEvidence final : public FoundEvidence {
 public:
  SessionEvidence(const Session& session, EvidenceStore& store) : session_(session), store_(store) {}

  std::vector<Found> of(std::string_view check) const override;
  base::Result<std::optional<base::Evidence>> first_passed(const Found& found, base::Timestamp since) const override;
  base::Result<std::string> read(const base::Artifact& artifact) const override;

 private:
  const Session& session_;
  EvidenceStore& store_;
};

}  // namespace gantry::launch
