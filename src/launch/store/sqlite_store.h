#pragma once

// The evidence store on SQLite: for the files of store/ only, which are the only ones that know it.

#include "launch/store.h"
#include "launch/store/sqlite_errors.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::launch {

// Another `gantry run` holds the lock for milliseconds; longer means it hangs.
inline constexpr int kLockWaitMs = 5000;

// Whether a record is on the disk before the call returns, or with the next one that is.
enum class Durability { at_once, soon };

class SqliteStore final : public EvidenceStore {
 public:
  // `name` is what SQLite opens: the path, or a URI of it.
  SqliteStore(std::string directory, std::string path, const std::string& name, int flags)
      : directory_(std::move(directory)), path_(std::move(path)), database_(name, flags, kLockWaitMs) {}

  base::Result<void> prepare(StoreAccess access);
  // A database without a table: a run that was killed before it made them leaves one. Throws SQLite::Exception.
  bool is_blank() { return database_.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0; }

  base::Result<std::vector<base::Evidence>> find_by_binding(std::string_view binding_key) override;
  base::Result<std::optional<base::Evidence>> find_first(const Passed& passed) override;
  base::Result<base::Evidence> add(std::string_view binding_key, base::Evidence evidence,
                                   const std::vector<std::pair<base::Artifact, std::string>>& contents) override;
  base::Result<std::string> read(const base::Artifact& artifact) override;
  base::Result<Waiver> add(Waiver waiver) override;
  base::Result<SignOff> add(SignOff sign_off) override;
  base::Result<std::vector<Waiver>> waivers() override;
  base::Result<std::vector<SignOff>> sign_offs() override;
  base::Result<void> add(const RunRecord& run) override;
  base::Result<std::int64_t> unwritten_retries(std::string_view plan_file) override;

 private:
  // Runs `work` (which returns a Result) and turns SQLite's exceptions into errors: they stop here.
  template <typename Work>
  auto guarded(Work work) -> decltype(work()) {
    try {
      return work();
    } catch (const SQLite::Exception& failure) {
      return explain(failure, path_);
    }
  }

  void migrate();
  void wait_for_disk(Durability durability);
  bool has_evidence(const std::string& id);
  void insert_children(std::int64_t row, const base::Evidence& evidence);
  void insert_finding(std::int64_t row, std::int64_t position, const base::Finding& finding,
                      std::optional<double> extent);
  base::Result<base::Evidence> read_evidence(std::int64_t row);
  void read_children(std::int64_t row, base::Evidence& evidence);
  void read_findings(std::int64_t row, base::Evidence& evidence);

  std::string directory_;
  std::string path_;
  SQLite::Database database_;
};

}  // namespace gantry::launch
