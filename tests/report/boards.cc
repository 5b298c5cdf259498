#include "report/boards.h"

#include "base/digest.h"

#include <fmt/format.h>

#include <chrono>
#include <limits>
#include <utility>

namespace gantry::report {

namespace {

using namespace std::chrono_literals;
using base::Severity;

constexpr std::string_view kPlan = "plans/saas-phase7-production-launch.md";

base::Timestamp time_of(std::string_view text) { return base::parse_rfc3339(text).value(); }

const base::Timestamp kNow = time_of("2026-11-24T01:50:00Z");

base::Evidence evidence(std::string check, std::string subject, base::Verdict verdict, std::string summary) {
  base::Evidence record;
  record.key = base::sha256_hex(check + subject + "key");
  record.id = base::sha256_hex(check + subject + "id");
  record.check = std::move(check);
  record.subject = std::move(subject);
  record.engine_version = "0.1.0";
  record.verdict = verdict;
  record.summary = std::move(summary);
  record.inputs = {
      {"file:manifests/network-policies/kustomization.yaml", "sha256:" + base::sha256_hex("kustomization")}};
  record.started = kNow - 120ms;
  record.finished = kNow;
  return record;
}

State state_of(base::Verdict verdict) {
  switch (verdict) {
    case base::Verdict::pass: return State::passed;
    case base::Verdict::fail: return State::failed;
    case base::Verdict::error: return State::undecided;
    case base::Verdict::waived: return State::waived;
  }
  std::unreachable();
}

BoundCheck checked(std::string check, std::string subject, base::Verdict verdict, std::string summary) {
  BoundCheck bound;
  bound.check = check;
  bound.subject = subject;
  bound.state = state_of(verdict);
  bound.summary = summary;
  bound.evidence = evidence(std::move(check), std::move(subject), verdict, std::move(summary));
  return bound;
}

BoundCheck by_command(BoundCheck bound, std::string command, std::uint32_t line) {
  bound.source = BindingSource::command;
  bound.origin = std::move(command);
  bound.where = at(kPlan, line, 28);
  return bound;
}

BoundCheck unverified(std::string check, std::string subject, std::string why) {
  BoundCheck bound;
  bound.check = std::move(check);
  bound.subject = std::move(subject);
  bound.summary = std::move(why);
  return bound;
}

StepRow step(std::string id, std::string text, std::uint32_t line, State state, std::string summary,
             std::vector<BoundCheck> checks = {}) {
  StepRow row;
  row.id = std::move(id);
  row.text = std::move(text);
  row.where = at(kPlan, line, 1);
  row.state = state;
  row.summary = std::move(summary);
  row.checks = std::move(checks);
  return row;
}

base::Finding finding(std::string rule, Severity severity, std::string object, base::SourcePos where,
                      std::string message, std::string fix) {
  base::Finding found;
  found.rule = std::move(rule);
  found.severity = severity;
  found.object = std::move(object);
  found.where = std::move(where);
  found.message = std::move(message);
  found.fix = std::move(fix);
  return found;
}

constexpr std::string_view kPerson = "a person's: open until somebody signs it";
constexpr std::string_view kNoLoad = "needs the load engine, which this version does not have";
constexpr std::string_view kNoLogs = "needs the logs engine, which this version does not have";

base::Finding reached_without_label() {
  base::Finding found =
      finding("net.only.reached", Severity::high, "Pod kgents-web/frontend",
              at("manifests/network-policies/allow-nats.yaml", 14, 9),
              "pod kgents-web/frontend reaches nats on port 4222, but its namespace has no label kgents.io/nats-client",
              "give the ingress rule a namespaceSelector that matches kgents.io/nats-client: \"true\"");
  found.explanation = "Any pod in the cluster could read and write every tenant's stream.";
  found.related = {{at("manifests/namespaces.yaml", 31, 1), "the namespace that is admitted"}};
  return found;
}

TrackRow track_a() {
  BoundCheck rendered =
      by_command(checked("manifests.render", "manifests/network-policies", base::Verdict::pass, "14 objects rendered"),
                 "kubectl apply -k manifests/network-policies/", 45);
  rendered.evidence->metrics = {{"objects_count", 14}, {"policies_count", 9}};
  rendered.evidence->artifacts = {{"rendered.yaml", base::sha256_hex("rendered"), "application/yaml"}};
  BoundCheck valid = by_command(checked("manifests.valid", "manifests/network-policies", base::Verdict::pass,
                                        "every reference points at something"),
                                "kubectl apply -k manifests/network-policies/", 45);
  valid.reused = true;

  BoundCheck pdb = by_command(
      checked("manifests.valid", "manifests/nats/pdb.yaml", base::Verdict::fail, "raw and rendered selectors disagree"),
      "kubectl apply -f manifests/nats/pdb.yaml", 46);
  pdb.evidence->findings = {
      finding("manifests.raw-differs", Severity::high, "PodDisruptionBudget kgents-agents/nats",
              at("manifests/nats/pdb.yaml", 11, 7),
              "applied with -f the selector is app=nats, rendered with -k it is app.kubernetes.io/name=nats",
              "apply the folder with -k, or write the rendered selector into the file")};

  BoundCheck only = checked("net.only", "NATS 4222 in kgents-agents", base::Verdict::fail,
                            "1 of 12 workloads outside the set reaches NATS");
  only.source = BindingSource::block;
  only.where = at(kPlan, 50, 4);
  only.evidence->findings = {reached_without_label(),
                             finding("net.dns-open", Severity::low, "NetworkPolicy kgents-agents/allow-dns",
                                     at("manifests/network-policies/allow-dns.yaml", 9, 5),
                                     "egress to port 53 is open to every address, not only to kube-dns",
                                     "name the kube-dns pods in the rule")};

  TrackRow track = {"A", "Apply & Verify Manifests", 30, State::failed, {}};
  track.steps = {
      step("A.1", "Apply network policies: `kubectl apply -k manifests/network-policies/`", 45, State::passed,
           "14 objects render and are valid", {rendered, valid}),
      step("A.2", "Apply PDB: `kubectl apply -f manifests/nats/pdb.yaml`", 46, State::failed,
           "raw and rendered selectors disagree", {pdb}),
      step("A.3", "Verify with `kubectl describe networkpolicy -n kgents-agents`", 47, State::passed,
           "9 policies select 14 of 14 pods in kgents-agents",
           {by_command(checked("net.policies", "kgents-agents", base::Verdict::pass, "9 policies select 14 of 14 pods"),
                       "kubectl describe networkpolicy -n kgents-agents", 47)}),
      step("A.4", "Test that NATS is only accessible from labeled namespaces", 48, State::failed,
           "1 of 12 workloads outside the set reaches NATS", {only}),
      step("A.5", "Simulate pod disruption to verify PDB: `kubectl drain --dry-run`", 54, State::unverified,
           "needs the disruption engine, which this version does not have",
           {by_command(unverified("drain.rehearse", "all nodes",
                                  "needs the disruption engine, which this version does not have"),
                       "kubectl drain --dry-run", 54)})};
  return track;
}

TrackRow track_b() {
  TrackRow track = {"B", "Execute Load Tests", 25, State::unverified, {}};
  track.steps = {
      step("B.1", "Start API locally or in cluster", 57, State::unverified, std::string(kPerson)),
      step("B.2", "Run baseline: `k6 run impl/claude/tests/load/saas-health.js`", 58, State::unverified,
           std::string(kNoLoad),
           {by_command(unverified("load.run", "impl/claude/tests/load/saas-health.js", std::string(kNoLoad)),
                       "k6 run impl/claude/tests/load/saas-health.js", 58)}),
      step("B.3", "Document baseline metrics (req/s, p95, p99, error rate)", 59, State::unverified,
           std::string(kPerson)),
      step("B.4", "If thresholds fail, investigate and re-run", 60, State::not_required, "no threshold has failed"),
      step("B.5", "Commit results to `docs/saas/load-test-baseline.md`", 61, State::unverified, std::string(kPerson))};
  track.steps[2].proposal = "check: doc.section\npath: docs/saas/load-test-baseline.md\nsection: Baseline\n";
  track.steps[4].proposal = "check: doc.exists\npath: docs/saas/load-test-baseline.md\n";
  return track;
}

TrackRow track_c() {
  TrackRow track = {"C", "Log Aggregation Setup", 25, State::unverified, {}};
  track.steps = {
      step("C.1", "Evaluate options: Loki (recommended), Elasticsearch, or stdout-only", 64, State::signed_off,
           "approved by Dana Okafor (operations): Loki"),
      step("C.2", "If Loki: deploy via Helm or manifest", 65, State::unverified, std::string(kPerson)),
      step("C.3", "Configure log collection for `kgents-agents` and `kgents-gateway`", 66, State::unverified,
           std::string(kNoLogs), {unverified("logs.coverage", "kgents-agents, kgents-gateway", std::string(kNoLogs))}),
      step("C.4", "Create Grafana log panel in existing dashboard", 67, State::unverified, std::string(kPerson)),
      step("C.5", "Document in runbook", 68, State::passed, "section \"Logging\" has 5 ready queries",
           {checked("doc.section", "docs/saas/runbook.md", base::Verdict::pass,
                    "section \"Logging\" has 5 ready queries")})};
  track.steps[3].checks.clear();
  track.steps[4].checks[0].source = BindingSource::workspace;
  return track;
}

TrackRow track_d() {
  TrackRow track = {"D", "Launch Execution", 20, State::failed, {}};
  BoundCheck checklist = checked("checklist.read", "docs/saas/production-checklist.md", base::Verdict::fail,
                                 "31 of 42 items done, 2 block");
  for (int i = 0; i < 17; ++i) {
    checklist.evidence->findings.push_back(
        finding("checklist.open", i < 2 ? Severity::high : Severity::medium, fmt::format("item 5.{}", i + 1),
                at("docs/saas/production-checklist.md", static_cast<std::uint32_t>(80 + i), 3),
                fmt::format("recovery item {} has no decision", i + 1), "decide it, or waive it with `gantry waive`"));
  }
  track.steps = {step("D.1", "Re-audit production checklist (all categories)", 71, State::failed,
                      "31 of 42 items done, 2 block", {checklist}),
                 step("D.2", "Create `docs/saas/launch-announcement.md`", 72, State::unverified, std::string(kPerson)),
                 step("D.3", "Update HYDRATE.md with SaaS status", 73, State::unverified, std::string(kPerson)),
                 step("D.4", "Tag release: `git tag saas-v1.0.0`", 74, State::unverified, "waits for the rest to be GO",
                      {by_command(unverified("release.tag", "saas-v1.0.0", "waits for the rest to be GO"),
                                  "git tag saas-v1.0.0", 74)}),
                 step("D.5", "Write session epilogue", 75, State::unverified, std::string(kPerson))};
  track.steps[1].proposal = "check: doc.exists\npath: docs/saas/launch-announcement.md\n";
  return track;
}

std::vector<CriterionRow> phase7_criteria() {
  std::vector<CriterionRow> rows;
  const auto add = [&](std::string text, State state, std::string summary, std::vector<std::string> decided_by) {
    const int ordinal = static_cast<int>(rows.size()) + 1;
    rows.push_back({ordinal, std::move(text), at(kPlan, 78 + static_cast<std::uint32_t>(ordinal), 1), false, state,
                    std::move(summary), std::move(decided_by)});
  };
  add("Network policies applied and verified", State::failed, "open: A.4", {"A.1", "A.3", "A.4"});
  add("PDB active and tested", State::failed, "open: A.2, A.5", {"A.2", "A.5"});
  add("Load test baseline documented (100 req/s target)", State::unverified, "open: B.2, B.3, B.5",
      {"B.2", "B.3", "B.5"});
  add("Log aggregation operational OR explicitly deferred with risk acceptance", State::unverified,
      "open: C.2, C.3, C.4", {"C.2", "C.3", "C.4"});
  add("Production checklist fully audited", State::failed, "open: D.1", {"D.1"});
  add("Launch announcement drafted", State::unverified, "open: D.2", {"D.2"});
  rows[1].ticked = true;
  rows[2].ticked = true;
  return rows;
}

std::vector<base::Finding> phase7_plan_findings() {
  return {
      finding("plan.mojibake", Severity::info, "", at(kPlan, 112, 1),
              "the continuation arrow is damaged: its UTF-8 bytes were read as cp1252", "write U+27FF"),
      finding("plan.weights", Severity::medium, "", at(kPlan, 44, 1), "the tracks weigh 95 %, not 100 %",
              "let them sum to 100"),
      finding("doc.tick-contradicted", Severity::high, "criterion 2", at(kPlan, 80, 3),
              "criterion 2 is ticked, but evidence says otherwise: open: A.2, A.5",
              "untick it, or make its evidence pass"),
      finding("doc.tick-without-evidence", Severity::medium, "criterion 3", at(kPlan, 81, 3),
              "criterion 3 is ticked without evidence: open: B.2, B.3, B.5", "untick it, or make its evidence pass")};
}

std::vector<Blocker> phase7_blockers() {
  std::vector<Blocker> blockers = {
      {"A.2", State::failed, "raw and rendered selectors disagree",
       "apply the folder with -k, or write the rendered selector into the file"},
      {"A.4", State::failed, "1 of 12 workloads outside the set reaches NATS",
       "give the ingress rule a namespaceSelector that matches kgents.io/nats-client: \"true\""},
      {"D.1", State::failed, "31 of 42 items done, 2 block", "decide it, or waive it with `gantry waive`"},
      {"criterion 2", State::failed, "ticked, but evidence says otherwise: open: A.2, A.5",
       "see the steps that decide it"},
      {"A.5", State::unverified, "needs the disruption engine, which this version does not have",
       fmt::format("gantry waive {} A.5 accepts the risk, where policy permits", kPlan)},
  };
  for (const std::string_view id : {"B.1", "B.3", "B.5", "C.2", "C.4", "D.2", "D.3", "D.5"}) {
    blockers.push_back({std::string(id), State::unverified, std::string(kPerson),
                        fmt::format("gantry sign {} {} --as NAME --role ROLE", kPlan, id)});
  }
  for (const auto& [id, reason] : {std::pair("B.2", kNoLoad), std::pair("C.3", kNoLogs)}) {
    blockers.push_back({id, State::unverified, std::string(reason),
                        fmt::format("gantry waive {} {} accepts the risk, where policy permits", kPlan, id)});
  }
  return blockers;
}

Board header() {
  Board board;
  board.title = "saas_phase7_production_launch";
  board.plan_file = std::string(kPlan);
  board.gantry_version = "0.1.0";
  board.judged_at = kNow;
  board.environment = "files alone";
  return board;
}

}  // namespace

base::SourcePos at(std::string_view file, std::uint32_t line, std::uint32_t column) {
  return {std::make_shared<const std::string>(file), line, column};
}

Board no_go_board() {
  Board board = header();
  board.decision = Decision::no_go;
  board.progress_percent = 24;
  board.tracks = {track_a(), track_b(), track_c(), track_d()};
  board.criteria = phase7_criteria();
  board.plan_findings = phase7_plan_findings();
  board.blockers = phase7_blockers();
  board.checks_run = 6;
  board.checks_reused = 1;
  return board;
}

Board go_board() {
  Board board = header();
  board.decision = Decision::go;
  board.environment = "cluster kind-dev";
  board.progress_percent = 100;
  board.tracks = {{"A", "Apply & Verify Manifests", 60, State::passed, {}},
                  {"D", "Launch Execution", 40, State::passed, {}}};
  BoundCheck live = checked("manifests.apply", "manifests/network-policies", base::Verdict::pass,
                            "14 live objects equal the rendered ones");
  live.evidence->evidence_class = base::EvidenceClass::live_read;
  live.evidence->fresh_until = kNow + 1h;
  live.evidence->metrics = {{"objects_count", 14}};
  board.tracks[0].steps = {
      step("A.1", "Apply network policies: `kubectl apply -k manifests/network-policies/`", 45, State::passed,
           "14 live objects equal the rendered ones", {live}),
      step("A.4", "Test that NATS is only accessible from labeled namespaces", 48, State::passed,
           "4 workloads reach NATS, all of them labelled",
           {checked("net.only", "NATS 4222", base::Verdict::pass, "4 workloads reach NATS, all of them labelled")})};
  board.tracks[1].steps = {step("D.1", "Re-audit production checklist (all categories)", 71, State::signed_off,
                                "approved by Dana Okafor (operations)")};
  board.criteria = {
      {1, "Network policies applied and verified", at(kPlan, 79, 1), true, State::passed, "", {"A.1", "A.4"}},
      {2, "Production checklist fully audited", at(kPlan, 83, 1), false, State::passed, "", {"D.1"}}};
  board.changed_files = {std::string(kPlan), "HYDRATE.md"};
  board.checks_run = 1;
  board.checks_reused = 1;
  return board;
}

Board go_with_waiver_board() {
  Board board = go_board();
  BoundCheck& check = board.tracks[0].steps[1].checks[0];
  check.state = State::waived;
  check.summary = check.evidence->summary = "1 of 5 workloads that reach NATS has no label";
  check.evidence->verdict = base::Verdict::fail;
  check.evidence->findings = {reached_without_label()};
  board.tracks[0].steps[1].state = State::waived;
  board.tracks[0].steps[1].summary = "1 workload without the label reaches NATS; the risk is accepted";
  board.waivers = {{"A.4",
                    "the frontend moves to its own cluster in January",
                    "Dana Okafor (security)",
                    kNow + 24h * 30,
                    {reached_without_label().fingerprint()}}};
  board.tracks[1].steps.push_back(
      step("D.2", "If the tag exists, compare it", 74, State::not_required, "there is no tag saas-v1.0.0"));
  return board;
}

Board undecided_board() {
  Board board = go_board();
  board.decision = Decision::undecided;
  board.progress_percent = 70;
  BoundCheck& check = board.tracks[0].steps[0].checks[0];
  check.state = State::undecided;
  check.summary = "kubectl could not reach the cluster: connection refused";
  check.evidence.reset();
  board.tracks[0].state = State::undecided;
  board.tracks[0].steps[0].state = State::undecided;
  board.tracks[0].steps[0].summary = "could not decide: kubectl could not reach the cluster";
  board.criteria[0].state = State::undecided;
  board.criteria[0].summary = "A.1 could not decide";
  board.blockers = {{"A.1", State::undecided, "kubectl could not reach cluster kind-dev: connection refused",
                     "check `kubectl --context kind-dev version`, then run again"}};
  board.changed_files.clear();
  return board;
}

Board stale_board() {
  Board board = go_board();
  board.decision = Decision::no_go;
  board.environment = "files alone";
  board.progress_percent = 70;
  StepRow& row = board.tracks[0].steps[1];
  row.state = State::unverified;
  row.summary = "nothing fresh has looked";
  row.checks[0].state = State::unverified;
  row.checks[0].summary = "no fresh evidence";
  row.checks[0].evidence.reset();
  row.checks[0].stale_because = "manifests/network-policies/allow-nats.yaml changed";
  board.tracks[0].state = State::unverified;
  board.criteria[0].state = State::unverified;
  board.criteria[0].summary = "A.4 has no fresh evidence";
  board.blockers = {{"A.4", State::unverified, "its evidence went stale", fmt::format("gantry run {}", kPlan)}};
  board.changed_files.clear();
  board.checks_run = 0;
  return board;
}

Board empty_board() {
  Board board = header();
  board.title.clear();
  board.plan_findings = {finding("plan.no-criteria", Severity::high, "", at(kPlan, 0, 0),
                                 "the plan has no exit criteria",
                                 "add a section \"## Exit Criteria\" with a task list")};
  return board;
}

std::span<const std::string_view> hostile_texts() {
  using namespace std::string_view_literals;
  static constexpr std::string_view kTexts[] = {
      "\x1b[2J\x1b[31mGO\x1b[0m\a"sv,
      "\x1b]0;owned\x07 and \xc2\x9b"
      "31m C1"sv,
      "nul \0 in the middle"sv,
      "first\nGO  nothing stands between you and launch\r\nlast"sv,
      "</failure></testcase>]]> &amp; <!-- -->"sv,
      "\"quoted\" 'single' <script>alert(1)</script>"sv,
      "| a | b |\n|---|---|\n</details># heading @team #12 https://evil.example/"sv,
      "`code` ``` ~~~ **bold** [link](https://evil.example/) ![image](x)"sv,
      "\xff\xfe not UTF-8 \xed\xa0\x80 \xc0\x80 \xf4\x90\x80\x80"sv,
      "right-to-left \xe2\x80\xae txet \xe2\x81\xa6 zero\xe2\x80\x8bwidth \xef\xbb\xbf \xef\xbf\xbf"sv,
      "::error file=x::\n::warning::%0A%25, 100%"sv,
      "../../etc/pa sswd?x#y%2e:日本語\\win.yaml"sv,
      "日本語の長い文章は二桁の幅を取りますので表示幅で切られなければなりません 👩‍🚀🚀🚀"sv,
      "a_very_long_word_without_any_space_that_no_line_can_hold_and_that_must_be_broken_somewhere_or_else_the_line_is_too_wide_for_the_terminal_"sv,
  };
  return kTexts;
}

Board hostile_board() {
  Board board = header();
  const std::size_t count = hostile_texts().size();
  // Every text stands once in every place: place `n` of round `i` has text i + n.
  const auto text = [&](std::size_t n) { return std::string(hostile_texts()[n % count]); };
  board.title = text(0);
  board.environment = text(1);
  for (std::size_t i = 0; i < count; ++i) {
    BoundCheck check = checked(text(i), text(i + 1), base::Verdict::fail, text(i + 2));
    check.origin = text(i + 3);
    check.stale_because = text(i + 4);
    check.where = at(text(i + 5), 1, 1);
    base::Finding found =
        finding(text(i + 6), Severity::high, text(i + 7), at(text(i), 3, 0), text(i + 8), text(i + 9));
    found.explanation = text(i + 10);
    found.related = {{at(text(i + 11), 4, 2), text(i + 12)}};
    check.evidence->findings = {found};
    check.evidence->metrics = {{text(i + 13), std::numeric_limits<double>::quiet_NaN()}};
    TrackRow track = {text(i),
                      text(i + 1),
                      1,
                      State::failed,
                      {step(text(i + 2), text(i + 3), 1, State::failed, text(i + 4), {check})}};
    track.steps[0].proposal = text(i + 5);
    board.tracks.push_back(track);
    board.criteria.push_back(
        {static_cast<int>(i) + 1, text(i + 6), at(text(i + 7), 1, 1), true, State::failed, text(i + 8), {text(i + 9)}});
    board.blockers.push_back({text(i + 10), State::failed, text(i + 11), text(i + 12)});
    board.waivers.push_back({text(i + 13), text(i), text(i + 1), kNow, {found.fingerprint()}});
    board.changed_files.push_back(text(i + 2));
  }
  return board;
}

Board huge_board() {
  Board board = header();
  board.decision = Decision::no_go;
  for (int t = 0; t < 40; ++t) {
    TrackRow track = {fmt::format("T{}", t), fmt::format("Track number {}", t), 2, State::failed, {}};
    for (int s = 0; s < 25; ++s) {
      const std::string id = fmt::format("T{}.{}", t, s);
      BoundCheck check = checked("net.only", id, base::Verdict::fail, "30 workloads outside the set");
      for (int f = 0; f < 30; ++f) {
        check.evidence->findings.push_back(
            finding("net.only.reached", static_cast<Severity>(f % 5), fmt::format("Pod shop/web-{}", f),
                    at(fmt::format("manifests/{}.yaml", id), static_cast<std::uint32_t>(f + 1), 3),
                    fmt::format("pod shop/web-{} reaches the store of {}", f, id), "narrow the selector"));
      }
      track.steps.push_back(
          step(id, "Only labelled pods reach the store", 1, State::failed, "30 workloads outside the set", {check}));
      board.blockers.push_back(
          {id, State::failed, "30 workloads outside the set", fmt::format("narrow the selector of {}", id)});
    }
    board.tracks.push_back(std::move(track));
  }
  return board;
}

std::span<const Scenario> scenarios() {
  static constexpr Scenario kScenarios[] = {
      {"no-go-of-the-real-plan-from-files-alone", no_go_board},
      {"go-when-every-step-holds", go_board},
      {"go-with-a-waiver-in-force", go_with_waiver_board},
      {"undecided-because-the-cluster-is-out-of-reach", undecided_board},
      {"no-go-because-evidence-went-stale", stale_board},
      {"no-go-of-a-plan-without-tracks", empty_board},
      {"hostile-text-stays-text", hostile_board},
  };
  return kScenarios;
}

}  // namespace gantry::report
