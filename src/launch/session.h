#pragma once

// What one command knows about its plan: the documents as they were read, the bindings, and, as it is won, the state of each check.

#include "launch/bindings.h"
#include "launch/config.h"
#include "launch/gate.h"
#include "launch/launch.h"
#include "launch/plan.h"
#include "launch/store.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gantry::launch {

struct Session {
  const Workspace& workspace;
  Plan plan;
  Config config;
  // What was read of the workspace, once for binding and for every check. On the heap: they refer to each other.
  std::unique_ptr<InputDigests> digests;
  std::unique_ptr<ManifestCache> manifests;
  BoundPlan bound;
  std::vector<Waiver> waivers;
  std::vector<SignOff> sign_offs;
  std::map<std::string, CheckState> checks;  // by binding key
  std::vector<base::Finding> findings;       // about what people said
  std::string environment = "files alone";

  std::string store_directory() const { return workspace.root + "/.gantry"; }
  // Waivers and sign-offs. Where the policy asks for four eyes, an approval of whoever alone wrote what is launched is left out, with
  // a finding.
  base::Result<void> read_statements(EvidenceStore& store);
  // Refers to this session, which must outlive it.
  GateInputs gate_inputs(base::Timestamp now) const;
};

// Reads the plan and gantry.yaml and binds the steps. `workspace` must outlive the session.
base::Result<Session> open_session(const Workspace& workspace);

}  // namespace gantry::launch
