#pragma once

// One check, run on texts: manifests, a block, and a cluster when the test has one.
//
//   const CheckRun run = run_check("check: net.lint", {.manifests = kShop});
//   EXPECT_EQ(dump(run), "pass 3 policy objects, no lint\n");

#include "kube/kubectl.h"
#include "launch/check.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch::test {

struct CheckInput {
  std::string manifests;    // manifests.yaml: the whole system
  std::string others = {};  // others.yaml, which a block may name
  kube::Kubectl* kubectl = nullptr;
  std::string drain = {};                                      // of gantry.yaml: "{nodes: 3}"
  std::string network = {};                                    // of gantry.yaml: "{profile: cilium}"
  std::map<std::string, std::string, std::less<>> files = {};  // besides: documents
  const FoundEvidence* found = nullptr;                        // null: no other check has found anything
};

// What other checks are said to have found, artifacts included.
class MadeUpEvidence final : public FoundEvidence {
 public:
  std::vector<Found> all;
  std::vector<base::Evidence> earlier;                        // oldest first
  std::map<std::string, std::string, std::less<>> artifacts;  // by digest

  // Its digest.
  std::string keep(std::string content);
  std::vector<Found> of(std::string_view check) const override;
  base::Result<std::optional<base::Evidence>> first_passed(const Found& found, base::Timestamp since) const override;
  base::Result<std::string> read(const base::Artifact& artifact) const override;
};

using CheckRun = base::Result<CheckOutcome>;

// The block is validated first, as binding it does.
CheckRun run_check(std::string_view block, const CheckInput& input);
// What --write would write of the document that the block is about; nothing where that is as it is to be.
base::Result<std::optional<DraftedDocument>> draft_document(std::string_view block, const CheckInput& input);

// "VERDICT summary", then each finding as "severity rule file:line object: message"; "invalid …" or "undecided …" for an error, with
// its help.
std::string dump(const CheckRun& run);
// "fail net.must-blocked": the verdict and the rules that were found, each once.
std::string verdict_and_rules(const CheckRun& run);

// A cluster that holds what the manifests say.
class FakeCluster final : public kube::Kubectl {
 public:
  explicit FakeCluster(std::string_view manifests);
  explicit FakeCluster(base::Error broken) : objects_(std::unexpected(std::move(broken))) {}

  const std::string& context() const override { return context_; }
  base::Result<kube::KubectlVersion> version(std::stop_token stop) override;
  base::Result<std::vector<base::Node>> read_objects(std::stop_token stop) override;
  // Neither may be asked for by a check that only reads.
  base::Result<kube::ApplyReport> apply(const kube::ApplyInput& input, kube::ApplyMode mode,
                                        std::stop_token stop) override;
  base::Result<kube::DiffReport> diff(const kube::ApplyInput& input, std::stop_token stop) override;

 private:
  std::string context_ = "prod";
  base::Result<std::vector<base::Node>> objects_;
};

}  // namespace gantry::launch::test
