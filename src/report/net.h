#pragma once

// What netpol found out, as text: who reaches whom, answers and explanations, claims, needs, lints, changes, proposals. As in
// report.h: pure, and whatever names and messages hold, no output lets them move a cursor, end a cell or become a second line.
//
// Machines get CSV and JSON with documented schemas (docs/formats/net.md); people get the rest, which may change.

#include "base/finding.h"
#include "kube/snapshot.h"
#include "netpol/netpol.h"
#include "report/report.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::report {

// Where a long text goes, piece by piece; false when nobody takes it any more, and the writer ends.
using Sink = std::function<bool(std::string_view)>;

// ---- Who reaches whom ----

enum class MatrixFormat : std::uint8_t { text, csv, json, dot, svg, matrix };
std::optional<MatrixFormat> find_matrix_format(std::string_view name);
std::vector<std::string> matrix_format_names();

enum class MatrixRows : std::uint8_t { workloads, pods };

struct MatrixStyle {
  MatrixFormat format = MatrixFormat::text;
  MatrixRows rows = MatrixRows::workloads;
  RenderOptions render = {};
};

// CSV and text are written as they are computed. Errors: usage, when a picture would have more rows than anybody could look at.
base::Result<void> write_matrix(const netpol::Matrix& matrix, const MatrixStyle& style, const Sink& sink,
                                std::stop_token stop = {});

// ---- Answers ----

// `answers` are those to `questions`, in their order.
std::string render_answers_json(const netpol::Reachability& reach, std::span<const netpol::Question> questions,
                                std::span<const netpol::Answer> answers);
std::string render_answers(const netpol::Reachability& reach, std::span<const netpol::Question> questions,
                           std::span<const netpol::Answer> answers, const RenderOptions& options);
// One answer with everything that speaks for and against it.
std::string render_explanation(const netpol::Reachability& reach, const netpol::Question& question,
                               const netpol::Answer& answer, const RenderOptions& options);
std::string render_explanation_json(const netpol::Reachability& reach, const netpol::Question& question,
                                    const netpol::Answer& answer);

// ---- Claims ----

struct JudgedClaim {
  netpol::Claim claim;
  netpol::ClaimResult result;
};
std::string render_claims(std::span<const JudgedClaim> claims, const RenderOptions& options);
std::string render_claims_json(std::span<const JudgedClaim> claims);

// ---- Needs ----

struct JudgedNeeds {
  const netpol::Reachability& reach;
  const netpol::Needs& needs;
  const netpol::Judgement& judgement;
};
std::string render_needs(const JudgedNeeds& judged, const RenderOptions& options);
std::string render_needs_json(const JudgedNeeds& judged);

// ---- Findings on their own ----

// One line each, "note: …", for the margin of a command that is about something else; at most a few.
std::string render_notes(std::vector<base::Finding> findings);

std::string render_findings(std::vector<base::Finding> findings, const RenderOptions& options);
std::string render_findings_json(std::vector<base::Finding> findings, std::string_view schema);
// SARIF 2.1.0, one run; `category` tells runs of one repository apart ("gantry/net-lint/").
std::string render_findings_sarif(const std::vector<base::Finding>& findings, std::string_view category,
                                  std::string_view gantry_version);

// ---- Changes ----

std::string render_policy_diff(const netpol::PolicyDiff& diff, const RenderOptions& options);
std::string render_policy_diff_json(const netpol::PolicyDiff& diff);

struct ProposedChange {
  const netpol::Needs& needs;
  const kube::Snapshot& before;
  const netpol::Proposal& proposal;
  const netpol::PatchSet& patches;
};
// Comments that say what each edit is for, and the patch that `git apply` or `patch -p1` takes.
std::string render_proposal(const ProposedChange& change, const RenderOptions& options);
// For whoever had it written: a line for each file, and the same comments on what is left to do.
std::string render_written(const ProposedChange& change);
std::string render_proposal_json(const ProposedChange& change);

}  // namespace gantry::report
