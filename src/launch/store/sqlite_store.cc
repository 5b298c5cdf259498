// The evidence store on SQLite: what is written and read. How it is opened is in open_store.cc.
//
// Durability: WAL, one transaction for each record, so that a kill at any moment leaves whole records. What people said and the
// record of a run that came to a verdict are on the disk before the command says so (synchronous=FULL), and with them all that
// was written before. A piece of evidence alone is not waited for (synchronous=NORMAL): waiting costs milliseconds each, a
// plan may have thousands, and what only a power failure can lose is won again by the next run. An artifact's file is written and
// flushed before the row that names it; a crash between the two leaves a file that nobody names, never a row without its file.

#include "launch/store/sqlite_store.h"

#include "base/digest.h"
#include "launch/store/folder.h"
#include "launch/store/schema.h"
#include "launch/store/sqlite_errors.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <array>
#include <cstdint>

namespace gantry::launch {

using base::Evidence;
using base::Finding;
using base::Result;
using base::Timestamp;

namespace {

constexpr int kCandidatesMax = 8;  // older evidence for one binding is history, not a candidate for reuse

// The constants below are on disk as their texts.
template <typename Enum, std::size_t N>
Result<Enum> from_text(std::string_view text, const std::array<Enum, N>& all) {
  for (const Enum value : all)
    if (to_string(value) == text) return value;
  return base::input_error(fmt::format("the evidence store holds an unknown word \"{}\"", text), {},
                           "a newer gantry may have written it: use that one");
}

constexpr std::array kVerdicts = {base::Verdict::pass, base::Verdict::fail, base::Verdict::error,
                                  base::Verdict::waived};
constexpr std::array kClasses = {base::EvidenceClass::static_analysis, base::EvidenceClass::rehearsal,
                                 base::EvidenceClass::live_read, base::EvidenceClass::cluster};

std::string evidence_id(std::string_view binding_key, const Evidence& evidence) {
  base::DigestBuilder digest;
  digest.add("gantry.evidence/v1").add(binding_key).add(evidence.key).add(evidence.check).add(evidence.engine_version);
  digest.add(to_string(evidence.verdict)).add(evidence.summary).add(base::format_rfc3339(evidence.started));
  digest.add(base::format_rfc3339(evidence.finished));
  for (const base::EvidenceInput& input : evidence.inputs) digest.add(input.name).add(input.digest);
  for (const Finding& finding : evidence.findings) {
    digest.add(finding.fingerprint());
    if (const std::optional<double> extent = find_extent(evidence.extents, finding.fingerprint()))
      digest.add(fmt::format("{}", *extent));
  }
  for (const base::Artifact& artifact : evidence.artifacts) digest.add(artifact.sha256);
  return digest.hex();
}

base::SourcePos read_pos(const SQLite::Column& file, const SQLite::Column& line, const SQLite::Column& column) {
  base::SourcePos pos;
  if (!file.isNull()) pos.file = std::make_shared<const std::string>(file.getString());
  pos.line = static_cast<std::uint32_t>(line.getInt64());
  pos.column = static_cast<std::uint32_t>(column.getInt64());
  return pos;
}

void bind_extent(SQLite::Statement& statement, int at, std::optional<double> extent) {
  if (extent)
    statement.bind(at, *extent);
  else
    statement.bind(at);
}

std::optional<double> read_extent(const SQLite::Column& extent) {
  return extent.isNull() ? std::nullopt : std::optional(extent.getDouble());
}

void bind_pos(SQLite::Statement& statement, int first, const base::SourcePos& pos) {
  if (pos.file) {
    statement.bind(first, *pos.file);
  } else {
    statement.bind(first);
  }
  statement.bind(first + 1, static_cast<std::int64_t>(pos.line));
  statement.bind(first + 2, static_cast<std::int64_t>(pos.column));
}

}  // namespace

Result<void> SqliteStore::prepare(StoreAccess access) {
  return guarded([&]() -> Result<void> {
    // Looked at first: whoever creates the tables meanwhile names the application in the same transaction.
    const bool was_blank = is_blank();
    const int version = database_.execAndGet("PRAGMA user_version").getInt();
    if (version > kSchemaVersion)
      return base::input_error(fmt::format("{} was written by a newer gantry (store version {}, this one knows {})",
                                           path_, version, kSchemaVersion),
                               {}, "use that newer gantry, or move the file away");
    const int application = database_.execAndGet("PRAGMA application_id").getInt();
    if (!was_blank && application != kApplicationId)
      return base::input_error(fmt::format("{} is a SQLite database, but not an evidence store", path_), {},
                               "move it away and run again");
    if (access == StoreAccess::read_write) {
      database_.exec("PRAGMA journal_mode=WAL");
      if (version < kSchemaVersion) migrate();
    } else if (!was_blank && version < kSchemaVersion) {
      return base::input_error(fmt::format("{} was written by an older gantry", path_), {},
                               "`gantry run` brings it up to date");
    }
    database_.exec("PRAGMA foreign_keys=ON");
    return {};
  });
}

void SqliteStore::wait_for_disk(Durability durability) {
  database_.exec(durability == Durability::at_once ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
}

// Two processes may get here at once: the version is read again under the write lock.
void SqliteStore::migrate() {
  SQLite::Transaction transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);
  const int version = database_.execAndGet("PRAGMA user_version").getInt();
  for (int step = version; step < kSchemaVersion; ++step)
    database_.exec(kSchemaSteps.at(static_cast<std::size_t>(step)));
  database_.exec(fmt::format("PRAGMA application_id={}", kApplicationId));
  database_.exec(fmt::format("PRAGMA user_version={}", kSchemaVersion));
  transaction.commit();
}

Result<std::vector<Evidence>> SqliteStore::find_by_binding(std::string_view binding_key) {
  return guarded([&]() -> Result<std::vector<Evidence>> {
    std::vector<std::int64_t> rows;
    SQLite::Statement query(database_, "SELECT row FROM evidence WHERE binding_key=? ORDER BY row DESC LIMIT ?");
    query.bind(1, std::string(binding_key));
    query.bind(2, kCandidatesMax);
    while (query.executeStep()) rows.push_back(query.getColumn(0).getInt64());
    std::vector<Evidence> found;
    for (const std::int64_t row : rows) found.push_back(TRY(read_evidence(row)));
    return found;
  });
}

// Times are texts of one width, which sort as the times do.
Result<std::optional<Evidence>> SqliteStore::find_first(const Passed& passed) {
  return guarded([&]() -> Result<std::optional<Evidence>> {
    SQLite::Statement query(
        database_,
        "SELECT row FROM evidence WHERE check_name=?1 AND subject=?2 AND verdict=?3 AND started>=?4 "
        "AND (?5='' OR binding_key=?5) ORDER BY row LIMIT 1");
    query.bind(1, std::string(passed.check));
    query.bind(2, std::string(passed.subject));
    query.bind(3, std::string(base::to_string(base::Verdict::pass)));
    query.bind(4, base::format_rfc3339(passed.since));
    query.bind(5, std::string(passed.binding_key));
    if (!query.executeStep()) return std::nullopt;
    return TRY(read_evidence(query.getColumn(0).getInt64()));
  });
}

Result<std::string> SqliteStore::read(const base::Artifact& artifact) { return read_artifact(directory_, artifact); }

Result<Evidence> SqliteStore::read_evidence(std::int64_t row) {
  SQLite::Statement query(
      database_,
      "SELECT id, key, check_name, subject, engine_version, class, verdict, summary, started, finished, fresh_until, "
      "source_commit, source_tree, source_dirty FROM evidence WHERE row=?");
  query.bind(1, row);
  query.executeStep();
  Evidence evidence;
  evidence.id = query.getColumn(0).getString();
  evidence.key = query.getColumn(1).getString();
  evidence.check = query.getColumn(2).getString();
  evidence.subject = query.getColumn(3).getString();
  evidence.engine_version = query.getColumn(4).getString();
  evidence.evidence_class = TRY(from_text(query.getColumn(5).getString(), kClasses));
  evidence.verdict = TRY(from_text(query.getColumn(6).getString(), kVerdicts));
  evidence.summary = query.getColumn(7).getString();
  evidence.started = TRY(base::parse_rfc3339(query.getColumn(8).getString()));
  evidence.finished = TRY(base::parse_rfc3339(query.getColumn(9).getString()));
  if (!query.getColumn(10).isNull()) evidence.fresh_until = TRY(base::parse_rfc3339(query.getColumn(10).getString()));
  if (!query.getColumn(11).isNull())
    evidence.source = base::SourceTree{.commit = query.getColumn(11).getString(),
                                       .tree = query.getColumn(12).getString(),
                                       .is_dirty = query.getColumn(13).getInt() != 0};
  read_children(row, evidence);
  return evidence;
}

void SqliteStore::read_children(std::int64_t row, Evidence& evidence) {
  SQLite::Statement inputs(database_, "SELECT name, digest FROM evidence_input WHERE evidence=? ORDER BY name");
  inputs.bind(1, row);
  while (inputs.executeStep())
    evidence.inputs.push_back({inputs.getColumn(0).getString(), inputs.getColumn(1).getString()});
  SQLite::Statement metrics(database_, "SELECT name, value FROM metric WHERE evidence=? ORDER BY position");
  metrics.bind(1, row);
  while (metrics.executeStep())
    evidence.metrics.push_back({metrics.getColumn(0).getString(), metrics.getColumn(1).getDouble()});
  SQLite::Statement artifacts(database_,
                              "SELECT name, sha256, media_type FROM artifact WHERE evidence=? ORDER BY position");
  artifacts.bind(1, row);
  while (artifacts.executeStep())
    evidence.artifacts.push_back(
        {artifacts.getColumn(0).getString(), artifacts.getColumn(1).getString(), artifacts.getColumn(2).getString()});
  read_findings(row, evidence);
}

void SqliteStore::read_findings(std::int64_t row, Evidence& evidence) {
  SQLite::Statement query(
      database_,
      "SELECT rule, severity, object, file, line, col, message, explanation, fix, extent FROM finding "
      "WHERE evidence=? ORDER BY position");
  query.bind(1, row);
  while (query.executeStep()) {
    Finding finding;
    finding.rule = query.getColumn(0).getString();
    finding.severity = static_cast<base::Severity>(query.getColumn(1).getInt());
    finding.object = query.getColumn(2).getString();
    finding.where = read_pos(query.getColumn(3), query.getColumn(4), query.getColumn(5));
    finding.message = query.getColumn(6).getString();
    finding.explanation = query.getColumn(7).getString();
    finding.fix = query.getColumn(8).getString();
    if (const std::optional<double> extent = read_extent(query.getColumn(9)))
      evidence.extents.emplace(finding.fingerprint(), *extent);
    evidence.findings.push_back(std::move(finding));
  }
  SQLite::Statement places(
      database_,
      "SELECT finding, file, line, col, note FROM related_place WHERE evidence=? ORDER BY finding, position");
  places.bind(1, row);
  while (places.executeStep()) {
    const auto owner = static_cast<std::size_t>(places.getColumn(0).getInt64());
    if (owner >= evidence.findings.size()) continue;
    evidence.findings[owner].related.push_back(
        {read_pos(places.getColumn(1), places.getColumn(2), places.getColumn(3)), places.getColumn(4).getString()});
  }
}

Result<Evidence> SqliteStore::add(std::string_view binding_key, Evidence evidence,
                                  const std::vector<std::pair<base::Artifact, std::string>>& contents) {
  return guarded([&]() -> Result<Evidence> {
    for (const auto& [artifact, content] : contents) {
      evidence.artifacts.push_back(artifact);
      TRY(write_artifact(directory_, artifact, content));
    }
    evidence.id = evidence_id(binding_key, evidence);
    wait_for_disk(Durability::soon);
    SQLite::Transaction transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);
    // The same answer to the same question at the same millisecond is one record.
    if (has_evidence(evidence.id)) return evidence;
    SQLite::Statement insert(database_,
                             "INSERT INTO evidence(id, binding_key, key, check_name, subject, engine_version, class, "
                             "verdict, summary, started, "
                             "finished, fresh_until, source_commit, source_tree, source_dirty) "
                             "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    insert.bind(1, evidence.id);
    insert.bind(2, std::string(binding_key));
    insert.bind(3, evidence.key);
    insert.bind(4, evidence.check);
    insert.bind(5, evidence.subject);
    insert.bind(6, evidence.engine_version);
    insert.bind(7, std::string(to_string(evidence.evidence_class)));
    insert.bind(8, std::string(to_string(evidence.verdict)));
    insert.bind(9, evidence.summary);
    insert.bind(10, base::format_rfc3339(evidence.started));
    insert.bind(11, base::format_rfc3339(evidence.finished));
    if (evidence.fresh_until) insert.bind(12, base::format_rfc3339(*evidence.fresh_until));
    if (evidence.source) {
      insert.bind(13, evidence.source->commit);
      insert.bind(14, evidence.source->tree);
      insert.bind(15, evidence.source->is_dirty ? 1 : 0);
    }
    insert.exec();
    insert_children(database_.getLastInsertRowid(), evidence);
    transaction.commit();
    return evidence;
  });
}

bool SqliteStore::has_evidence(const std::string& id) {
  SQLite::Statement query(database_, "SELECT 1 FROM evidence WHERE id=?");
  query.bind(1, id);
  return query.executeStep();
}

void SqliteStore::insert_children(std::int64_t row, const Evidence& evidence) {
  SQLite::Statement input(database_, "INSERT INTO evidence_input(evidence, name, digest) VALUES(?,?,?)");
  for (const auto& [name, digest] : evidence.inputs) {
    input.bind(1, row);
    input.bind(2, name);
    input.bind(3, digest);
    input.exec();
    input.reset();
  }
  std::int64_t position = 0;
  for (const Finding& finding : evidence.findings)
    insert_finding(row, position++, finding, find_extent(evidence.extents, finding.fingerprint()));
  SQLite::Statement metric(database_, "INSERT INTO metric(evidence, position, name, value) VALUES(?,?,?,?)");
  position = 0;
  for (const auto& [name, value] : evidence.metrics) {
    metric.bind(1, row);
    metric.bind(2, position++);
    metric.bind(3, name);
    metric.bind(4, value);
    metric.exec();
    metric.reset();
  }
  SQLite::Statement artifact(database_,
                             "INSERT INTO artifact(evidence, position, name, sha256, media_type) VALUES(?,?,?,?,?)");
  position = 0;
  for (const auto& [name, sha256, media_type] : evidence.artifacts) {
    artifact.bind(1, row);
    artifact.bind(2, position++);
    artifact.bind(3, name);
    artifact.bind(4, sha256);
    artifact.bind(5, media_type);
    artifact.exec();
    artifact.reset();
  }
}

void SqliteStore::insert_finding(std::int64_t row, std::int64_t position, const Finding& finding,
                                 std::optional<double> extent) {
  SQLite::Statement insert(database_,
                           "INSERT INTO finding(evidence, position, fingerprint, rule, severity, object, file, line, "
                           "col, message, explanation, fix, extent) "
                           "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)");
  insert.bind(1, row);
  insert.bind(2, position);
  insert.bind(3, finding.fingerprint());
  insert.bind(4, finding.rule);
  insert.bind(5, static_cast<int>(finding.severity));
  insert.bind(6, finding.object);
  bind_pos(insert, 7, finding.where);
  insert.bind(10, finding.message);
  insert.bind(11, finding.explanation);
  insert.bind(12, finding.fix);
  bind_extent(insert, 13, extent);
  insert.exec();
  SQLite::Statement place(
      database_, "INSERT INTO related_place(evidence, finding, position, file, line, col, note) VALUES(?,?,?,?,?,?,?)");
  std::int64_t place_position = 0;
  for (const base::RelatedPlace& related : finding.related) {
    place.bind(1, row);
    place.bind(2, position);
    place.bind(3, place_position++);
    bind_pos(place, 4, related.where);
    place.bind(7, related.note);
    place.exec();
    place.reset();
  }
}

Result<Waiver> SqliteStore::add(Waiver waiver) {
  return guarded([&]() -> Result<Waiver> {
    wait_for_disk(Durability::at_once);
    SQLite::Transaction transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement insert(database_,
                             "INSERT INTO waiver(subject, why, impact, control, accepted_by, role, issue, created, "
                             "expires, digest) VALUES(?,?,?,?,?,?,?,?,?,?)");
    insert.bind(1, waiver.subject);
    insert.bind(2, waiver.why);
    insert.bind(3, waiver.impact);
    insert.bind(4, waiver.control);
    insert.bind(5, waiver.accepted_by);
    insert.bind(6, waiver.role);
    insert.bind(7, waiver.issue);
    insert.bind(8, base::format_rfc3339(waiver.created));
    insert.bind(9, base::format_rfc3339(waiver.expires));
    insert.bind(10, waiver.digest);
    insert.exec();
    waiver.id = database_.getLastInsertRowid();
    SQLite::Statement finding(database_,
                              "INSERT OR IGNORE INTO waiver_finding(waiver, fingerprint, extent) VALUES(?,?,?)");
    for (const std::string& fingerprint : waiver.fingerprints) {
      finding.bind(1, waiver.id);
      finding.bind(2, fingerprint);
      bind_extent(finding, 3, find_extent(waiver.extents, fingerprint));
      finding.exec();
      finding.reset();
    }
    transaction.commit();
    return waiver;
  });
}

Result<SignOff> SqliteStore::add(SignOff sign_off) {
  return guarded([&]() -> Result<SignOff> {
    wait_for_disk(Durability::at_once);
    SQLite::Statement insert(
        database_,
        "INSERT INTO sign_off(subject, digest, stance, who, role, note, signed_at, expires) VALUES(?,?,?,?,?,?,?,?)");
    insert.bind(1, sign_off.subject);
    insert.bind(2, sign_off.digest);
    insert.bind(3, std::string(to_string(sign_off.stance)));
    insert.bind(4, sign_off.who);
    insert.bind(5, sign_off.role);
    insert.bind(6, sign_off.note);
    insert.bind(7, base::format_rfc3339(sign_off.signed_at));
    insert.bind(8, base::format_rfc3339(sign_off.expires));
    insert.exec();
    sign_off.id = database_.getLastInsertRowid();
    return sign_off;
  });
}

Result<std::vector<Waiver>> SqliteStore::waivers() {
  return guarded([&]() -> Result<std::vector<Waiver>> {
    std::vector<Waiver> all;
    SQLite::Statement query(database_,
                            "SELECT id, subject, why, impact, control, accepted_by, role, issue, created, expires, "
                            "digest FROM waiver ORDER BY id");
    SQLite::Statement findings(database_,
                               "SELECT fingerprint, extent FROM waiver_finding WHERE waiver=? ORDER BY fingerprint");
    while (query.executeStep()) {
      Waiver waiver;
      waiver.id = query.getColumn(0).getInt64();
      waiver.subject = query.getColumn(1).getString();
      waiver.why = query.getColumn(2).getString();
      waiver.impact = query.getColumn(3).getString();
      waiver.control = query.getColumn(4).getString();
      waiver.accepted_by = query.getColumn(5).getString();
      waiver.role = query.getColumn(6).getString();
      waiver.issue = query.getColumn(7).getString();
      waiver.created = TRY(base::parse_rfc3339(query.getColumn(8).getString()));
      waiver.expires = TRY(base::parse_rfc3339(query.getColumn(9).getString()));
      waiver.digest = query.getColumn(10).getString();
      findings.bind(1, waiver.id);
      while (findings.executeStep()) {
        waiver.fingerprints.push_back(findings.getColumn(0).getString());
        if (const std::optional<double> extent = read_extent(findings.getColumn(1)))
          waiver.extents.emplace(waiver.fingerprints.back(), *extent);
      }
      findings.reset();
      all.push_back(std::move(waiver));
    }
    return all;
  });
}

Result<std::vector<SignOff>> SqliteStore::sign_offs() {
  return guarded([&]() -> Result<std::vector<SignOff>> {
    std::vector<SignOff> all;
    SQLite::Statement query(
        database_, "SELECT id, subject, digest, stance, who, role, note, signed_at, expires FROM sign_off ORDER BY id");
    while (query.executeStep()) {
      SignOff sign_off;
      sign_off.id = query.getColumn(0).getInt64();
      sign_off.subject = query.getColumn(1).getString();
      sign_off.digest = query.getColumn(2).getString();
      sign_off.stance = TRY(from_text(query.getColumn(3).getString(), std::array{Stance::approve, Stance::reject}));
      sign_off.who = query.getColumn(4).getString();
      sign_off.role = query.getColumn(5).getString();
      sign_off.note = query.getColumn(6).getString();
      sign_off.signed_at = TRY(base::parse_rfc3339(query.getColumn(7).getString()));
      sign_off.expires = TRY(base::parse_rfc3339(query.getColumn(8).getString()));
      all.push_back(std::move(sign_off));
    }
    return all;
  });
}

Result<void> SqliteStore::add(const RunRecord& run) {
  return guarded([&]() -> Result<void> {
    wait_for_disk(Durability::at_once);
    SQLite::Statement insert(database_,
                             "INSERT INTO run(plan_file, plan_digest, gantry_version, environment, decision, started, "
                             "finished, retries, retries_written) VALUES(?,?,?,?,?,?,?,?,?)");
    insert.bind(1, run.plan_file);
    insert.bind(2, run.plan_digest);
    insert.bind(3, run.gantry_version);
    insert.bind(4, run.environment);
    insert.bind(5, run.decision);
    insert.bind(6, base::format_rfc3339(run.started));
    insert.bind(7, base::format_rfc3339(run.finished));
    insert.bind(8, run.retries);
    insert.bind(9, run.retries_written);
    insert.exec();
    return {};
  });
}

Result<std::int64_t> SqliteStore::unwritten_retries(std::string_view plan_file) {
  return guarded([&]() -> Result<std::int64_t> {
    SQLite::Statement query(database_, "SELECT coalesce(sum(retries - retries_written), 0) FROM run WHERE plan_file=?");
    query.bind(1, std::string(plan_file));
    query.executeStep();
    return query.getColumn(0).getInt64();
  });
}

std::string_view to_string(Stance stance) { return stance == Stance::approve ? "approve" : "reject"; }

}  // namespace gantry::launch
