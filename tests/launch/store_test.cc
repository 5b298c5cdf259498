#include "launch/store.h"

#include "base/digest.h"
#include "launch/store/schema.h"
#include "support/in_child.h"
#include "support/temp_dir.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

namespace gantry::launch {
namespace {

using base::ErrorKind;
using base::Evidence;
using test::TempDir;

const base::Timestamp kNow = *base::parse_rfc3339("2026-01-10T12:00:00.250Z");

base::SourcePos place(std::string file, std::uint32_t line) {
  return {.file = std::make_shared<const std::string>(std::move(file)), .line = line, .column = 3};
}

// Every field set, so that a column that is forgotten shows.
Evidence full_evidence(int number = 0) {
  Evidence evidence;
  evidence.key = fmt::format("key-{}", number);
  evidence.check = "net.only";
  evidence.subject = "NATS 4222";
  evidence.inputs = {{"file:a.yaml", "sha256:1"}, {"option:context", ""}};
  evidence.engine_version = "0.1.0+net.only.v1";
  evidence.evidence_class = base::EvidenceClass::rehearsal;
  evidence.source = {.commit = "c0ffee", .tree = "dec0de", .is_dirty = true};
  evidence.verdict = base::Verdict::fail;
  evidence.summary = fmt::format("summary {}", number);
  evidence.findings = {{.rule = "r",
                        .severity = base::Severity::critical,
                        .object = "o",
                        .where = place("a.yaml", 7),
                        .message = "m",
                        .explanation = "e",
                        .fix = "f",
                        .related = {{place("b.yaml", 9), "first"}, {{}, "nowhere"}}},
                       {.rule = "s",
                        .severity = base::Severity::info,
                        .object = {},
                        .where = {},
                        .message = "no place",
                        .explanation = {},
                        .fix = {},
                        .related = {}}};
  evidence.extents = {{evidence.findings[0].fingerprint(), 1.25}};
  evidence.metrics = {{"pods_count", 3}, {"latency_ms_p95", 0.25}};
  evidence.started = kNow;
  evidence.finished = kNow + std::chrono::milliseconds(17);
  evidence.fresh_until = kNow + std::chrono::hours(1);
  return evidence;
}

std::unique_ptr<EvidenceStore> open(const TempDir& dir, StoreAccess access = StoreAccess::read_write) {
  base::Result<std::unique_ptr<EvidenceStore>> store = open_store(dir.path(".gantry"), access);
  EXPECT_TRUE(store) << (store ? "" : describe(store.error()));
  return store ? std::move(*store) : nullptr;
}

TEST(EvidenceStore, GivesBackWhatItWasGiven) {
  const TempDir dir;
  const std::string content = "kind: Pod\n";
  const base::Artifact artifact{"rendered.yaml", base::sha256_hex(content), "application/yaml"};
  Evidence added;
  {
    const auto store = open(dir);
    added = *store->add("binding", full_evidence(), {{artifact, content}});
  }
  EXPECT_EQ(added.id.size(), 64U);
  EXPECT_EQ(dir.read(".gantry/artifacts/" + artifact.sha256), content);
  const auto found = open(dir, StoreAccess::read_only)->find_by_binding("binding");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front(), added);
  EXPECT_EQ(found->front().artifacts, std::vector{artifact});
}

TEST(EvidenceStore, FindsTheNewestFirstAndNoMoreThanEight) {
  const TempDir dir;
  const auto store = open(dir);
  for (int number = 0; number < 12; ++number) ASSERT_TRUE(store->add("binding", full_evidence(number), {}));
  ASSERT_TRUE(store->add("another", full_evidence(99), {}));
  const auto found = *store->find_by_binding("binding");
  ASSERT_EQ(found.size(), 8U);
  EXPECT_EQ(found.front().key, "key-11");
  EXPECT_EQ(found.back().key, "key-4");
}

TEST(EvidenceStore, FindsTheFirstThatPassed) {
  const TempDir dir;
  const auto store = open(dir);
  const Evidence like = full_evidence();
  const std::pair<std::string_view, base::Verdict> kRuns[] = {{"one", base::Verdict::fail},
                                                              {"one", base::Verdict::pass},
                                                              {"other", base::Verdict::pass},
                                                              {"one", base::Verdict::pass}};
  int number = 0;
  for (const auto& [binding, verdict] : kRuns) {
    Evidence evidence = full_evidence(number);
    evidence.verdict = verdict;
    evidence.started = kNow + std::chrono::hours(number++);
    ASSERT_TRUE(store->add(binding, std::move(evidence), {}));
  }
  const auto first = [&](std::string_view binding, int hour) {
    const auto found = *store->find_first({.check = like.check,
                                           .subject = like.subject,
                                           .binding_key = binding,
                                           .since = kNow + std::chrono::hours(hour)});
    return found ? found->key : std::string("none");
  };
  EXPECT_EQ(first("", 0), "key-1");
  EXPECT_EQ(first("", 2), "key-2");
  EXPECT_EQ(first("one", 2), "key-3");
  EXPECT_EQ(first("one", 4), "none");
  EXPECT_FALSE(*store->find_first({.check = "net.only", .subject = "nobody", .since = {}}));
}

TEST(EvidenceStore, KeepsWhatPeopleSaid) {
  const TempDir dir;
  Waiver waiver{.id = 0,
                .subject = "A.4",
                .digest = "of its text",
                .fingerprints = {"a", "b"},
                .extents = {{"b", 2.5}},
                .why = "w",
                .impact = "i",
                .control = "c",
                .accepted_by = "Ada",
                .role = "ops",
                .issue = "I-1",
                .created = kNow,
                .expires = kNow + std::chrono::hours(24)};
  SignOff sign_off{.id = 0,
                   .subject = "C.1",
                   .digest = "d",
                   .stance = Stance::reject,
                   .who = "Bob",
                   .role = "security",
                   .note = "n",
                   .signed_at = kNow,
                   .expires = kNow + std::chrono::hours(2)};
  {
    const auto store = open(dir);
    waiver = *store->add(waiver);
    sign_off = *store->add(sign_off);
  }
  const auto store = open(dir, StoreAccess::read_only);
  EXPECT_EQ(*store->waivers(), std::vector{waiver});
  EXPECT_EQ(*store->sign_offs(), std::vector{sign_off});
}

TEST(EvidenceStore, CountsTheRetriesThatNoRunHasWritten) {
  const TempDir dir;
  const auto store = open(dir);
  const auto add = [&store](std::string plan, std::int64_t retries, std::int64_t written) {
    ASSERT_TRUE(store->add(RunRecord{.plan_file = std::move(plan),
                                     .plan_digest = {},
                                     .gantry_version = {},
                                     .environment = {},
                                     .decision = {},
                                     .started = kNow,
                                     .finished = kNow,
                                     .retries = retries,
                                     .retries_written = written}));
  };
  EXPECT_EQ(*store->unwritten_retries("plan.md"), 0);
  add("plan.md", 2, 0);
  add("other.md", 5, 0);
  EXPECT_EQ(*store->unwritten_retries("plan.md"), 2);
  add("plan.md", 1, 3);
  EXPECT_EQ(*store->unwritten_retries("plan.md"), 0);
}

TEST(EvidenceStore, ReadingCreatesNothing) {
  const TempDir dir;
  const auto store = open(dir, StoreAccess::read_only);
  EXPECT_TRUE(store->find_by_binding("binding")->empty());
  EXPECT_TRUE(dir.names().empty());
}

TEST(EvidenceStore, KeepsItselfOutOfTheRepository) {
  const TempDir dir;
  open(dir);
  EXPECT_EQ(dir.read(".gantry/.gitignore"), "*\n");
}

// A database as version `version` left it.
void make_database(const TempDir& dir, int version, int application = kApplicationId) {
  dir.make_directory(".gantry");
  SQLite::Database database(dir.path(".gantry/evidence.db"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  for (int step = 0; step < std::min(version, kSchemaVersion); ++step)
    database.exec(kSchemaSteps.at(static_cast<std::size_t>(step)));
  database.exec(fmt::format("PRAGMA application_id={}", application));
  database.exec(fmt::format("PRAGMA user_version={}", version));
}

TEST(EvidenceStore, MigratesAnOlderDatabaseAndKeepsItsRows) {
  const TempDir dir;
  make_database(dir, 1);
  {
    SQLite::Database database(dir.path(".gantry/evidence.db"), SQLite::OPEN_READWRITE);
    database.exec(
        "INSERT INTO evidence "
        "VALUES(1,'id','binding','key','net.only','s','v','static','pass','old','2026-01-01T00:00:00.000Z','2026-01-"
        "01T00:00:00.000Z',NULL)");
  }
  const auto refused = open_store(dir.path(".gantry"), StoreAccess::read_only);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().help.find("gantry run"), std::string::npos);
  const auto store = open(dir);
  EXPECT_TRUE(store->waivers()->empty());
  EXPECT_EQ(store->find_by_binding("binding")->front().summary, "old");
}

TEST(EvidenceStore, KeepsWaiversOfAnOlderDatabaseWithoutWhatTheyWereAbout) {
  const TempDir dir;
  make_database(dir, 2);
  SQLite::Database(dir.path(".gantry/evidence.db"), SQLite::OPEN_READWRITE)
      .exec(
          "INSERT INTO waiver VALUES(1,'A.4','w','i','c','Ada','ops','','2026-01-01T00:00:00.000Z','2026-01-"
          "31T00:00:00.000Z'); INSERT INTO waiver_finding VALUES(1,'f')");
  const auto waivers = open(dir)->waivers();
  ASSERT_TRUE(waivers);
  ASSERT_EQ(waivers->size(), 1U);
  EXPECT_EQ(waivers->front().digest, "");
  EXPECT_EQ(waivers->front().fingerprints, std::vector<std::string>{"f"});
}

TEST(EvidenceStore, RefusesANewerDatabaseAndLeavesItAlone) {
  const TempDir dir;
  make_database(dir, kSchemaVersion + 1);
  const std::string before = dir.read(".gantry/evidence.db");
  for (const StoreAccess access : {StoreAccess::read_only, StoreAccess::read_write}) {
    const auto store = open_store(dir.path(".gantry"), access);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().kind, ErrorKind::input);
    EXPECT_NE(store.error().message.find("newer gantry"), std::string::npos);
  }
  EXPECT_EQ(dir.read(".gantry/evidence.db"), before);
}

TEST(EvidenceStore, RefusesAForeignDatabase) {
  const TempDir dir;
  make_database(dir, 1, 42);
  const auto store = open_store(dir.path(".gantry"), StoreAccess::read_write);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::input);
}

// What SQLite gives every database of somebody else's: version 0.
TEST(EvidenceStore, RefusesAForeignDatabaseWithoutAVersion) {
  const TempDir dir;
  dir.make_directory(".gantry");
  SQLite::Database(dir.path(".gantry/evidence.db"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE notes(text)");
  const std::string before = dir.read(".gantry/evidence.db");
  for (const StoreAccess access : {StoreAccess::read_only, StoreAccess::read_write}) {
    const auto store = open_store(dir.path(".gantry"), access);
    ASSERT_FALSE(store);
    EXPECT_NE(store.error().message.find("not an evidence store"), std::string::npos);
  }
  EXPECT_EQ(dir.read(".gantry/evidence.db"), before);
}

// A run that is killed as it begins leaves a database without tables, or a file without a byte.
TEST(EvidenceStore, ReadsOneThatWasKilledBeforeItHadTablesAsEmpty) {
  for (const bool has_header : {false, true}) {
    const TempDir dir;
    dir.write(".gantry/evidence.db", "");
    if (has_header)
      SQLite::Database(dir.path(".gantry/evidence.db"), SQLite::OPEN_READWRITE).exec("PRAGMA journal_mode=WAL");
    EXPECT_TRUE(open(dir, StoreAccess::read_only)->waivers()->empty());
    EXPECT_TRUE(open(dir)->find_by_binding("binding")->empty());
  }
}

TEST(EvidenceStore, SaysThatAFileIsDamaged) {
  const TempDir dir;
  dir.write(
      ".gantry/evidence.db",
      "this is no database, and long enough to be read as a page header ..........................................");
  const auto store = open_store(dir.path(".gantry"), StoreAccess::read_write);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::input);
  EXPECT_NE(store.error().message.find("damaged"), std::string::npos);
}

TEST(EvidenceStore, SaysThatAPageIsDamaged) {
  const TempDir dir;
  for (int number = 0; number < 40; ++number) ASSERT_TRUE(open(dir)->add("binding", full_evidence(number), {}));
  {
    // Everything into the file itself, so that the damage below is what is read.
    SQLite::Database database(dir.path(".gantry/evidence.db"), SQLite::OPEN_READWRITE);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  std::string bytes = dir.read(".gantry/evidence.db");
  for (std::size_t at = 4096; at < bytes.size(); ++at) bytes[at] = '\x5a';
  dir.write(".gantry/evidence.db", bytes);
  const auto store = open_store(dir.path(".gantry"), StoreAccess::read_write);
  const base::Error error = store ? (*store)->find_by_binding("binding").error() : store.error();
  EXPECT_EQ(error.kind, ErrorKind::input) << describe(error);
}

TEST(EvidenceStore, SaysThatItMayNotWrite) {
  const TempDir dir;
  open(dir);
  const std::string said = test::in_child(
      [&dir] {
        const auto store = open_store(dir.path(".gantry"), StoreAccess::read_write);
        return store ? std::string("opened") : describe(store.error());
      },
      test::ChildUser::nobody);
  EXPECT_NE(said.find("Permission denied"), std::string::npos) << said;
}

TEST(EvidenceStore, SaysThatItIsLocked) {
  const TempDir dir;
  const auto store = open(dir);
  SQLite::Database other(dir.path(".gantry/evidence.db"), SQLite::OPEN_READWRITE);
  other.exec("BEGIN EXCLUSIVE");
  const auto added = store->add("binding", full_evidence(), {});
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().kind, ErrorKind::environment);
  EXPECT_NE(added.error().message.find("locked"), std::string::npos);
}

// What was acknowledged is there, the rest is not, and the store opens: whenever the writer is killed.
TEST(EvidenceStore, SurvivesKillAtAnyMoment) {
  std::mt19937 random(11);
  for (int round = 0; round < 25; ++round) {
    const TempDir dir;
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe(ends.data()), 0);
    const pid_t writer = fork();
    if (writer == 0) {
      close(ends[0]);
      const auto store = open_store(dir.path(".gantry"), StoreAccess::read_write);
      for (int number = 0; store && number < 10'000; ++number) {
        const std::string content = fmt::format("content {}", number);
        if (!(*store)->add("binding", full_evidence(number),
                           {{{"a", base::sha256_hex(content), "text/plain"}, content}}))
          _exit(1);
        if (write(ends[1], &number, sizeof number) != sizeof number) _exit(1);
      }
      _exit(0);
    }
    close(ends[1]);
    // The moment is counted in acknowledged records, and then some instructions more.
    int acknowledged = -1;
    const int enough = std::uniform_int_distribution<int>(0, 12)(random);
    for (int number = 0; acknowledged < enough && read(ends[0], &number, sizeof number) == sizeof number;)
      acknowledged = number;
    for (volatile int spin = std::uniform_int_distribution<int>(0, 400'000)(random); spin > 0;) spin = spin - 1;
    kill(writer, SIGKILL);
    for (int number = 0; read(ends[0], &number, sizeof number) == sizeof number;) acknowledged = number;
    close(ends[0]);
    waitpid(writer, nullptr, 0);
    const auto store = open(dir);
    ASSERT_TRUE(store);
    const auto found = store->find_by_binding("binding");
    ASSERT_TRUE(found) << describe(found.error());
    ASSERT_FALSE(found->empty());
    for (const Evidence& record : *found) {
      EXPECT_EQ(record.findings.size(), 2U);
      ASSERT_EQ(record.artifacts.size(), 1U);
      EXPECT_EQ(base::sha256_hex(dir.read(".gantry/artifacts/" + record.artifacts.front().sha256)),
                record.artifacts.front().sha256);
    }
    EXPECT_GE(std::stoi(found->front().key.substr(4)), acknowledged);
  }
}

}  // namespace
}  // namespace gantry::launch
