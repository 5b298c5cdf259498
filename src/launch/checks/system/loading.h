#pragma once

// Manifests for a check. What is wrong with documents is a finding and a definite no: somebody can mend it, and until then
// nothing about them is proved. Only what is wrong with the machine leaves a check undecided.

#include "base/finding.h"
#include "base/result.h"
#include "launch/check.h"
#include "launch/manifests.h"

#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace gantry::launch {

// Exactly one of them is there.
struct LoadedManifests {
  std::shared_ptr<const Manifests> manifests;
  std::optional<base::Finding> problem;  // manifests.missing, manifests.unreadable

  const kube::Snapshot& snapshot() const { return manifests->snapshot; }
};

// Those of the block's `path`, or the whole system when it has none. Errors: environment; input when nothing says where the
// system is.
base::Result<LoadedManifests> load_block(CheckContext& context);
// The whole system, whatever the block says. Errors as above.
base::Result<LoadedManifests> load_world(CheckContext& context);
// Of a file or folder that the block names in a field of its own, at `where`.
base::Result<LoadedManifests> load_path(CheckContext& context, const std::string& path, const base::SourcePos& where);

// The cluster that --context names, whole. Errors: environment, with the cluster's name.
base::Result<kube::Snapshot> read_live_cluster(CheckContext& context);

// The outcome of a check whose manifests cannot be read.
CheckOutcome fail_by(base::Finding problem);

}  // namespace gantry::launch
