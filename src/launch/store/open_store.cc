// Opening the evidence store: for writing, for reading, where there is none yet, and where nobody may write.

#include "launch/store/folder.h"
#include "launch/store/sqlite_store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cctype>
#include <filesystem>
#include <system_error>

namespace gantry::launch {

using base::Result;

namespace {

// Nothing was stored yet, and reading must not create anything: an empty store in memory answers.
Result<std::unique_ptr<EvidenceStore>> open_empty_store(const std::string& directory) {
  auto empty =
      std::make_unique<SqliteStore>(directory, ":memory:", ":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  TRY(empty->prepare(StoreAccess::read_write));
  return empty;
}

bool may_write(const std::string& path) { return ::access(path.c_str(), W_OK) == 0; }

// "file:" and the path, with what has a meaning in a URI escaped.
std::string as_uri(const std::string& path, std::string_view query) {
  std::string uri = "file:";
  for (const char c : path) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) || std::string_view("/._-~").contains(c);
    uri += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return fmt::format("{}?{}", uri, query);
}

// A checkout where nobody may write, as in CI or on a read-only disk. A database without a log beside it is whole; SQLite is told
// that nobody changes it, since it could not make its lock file. One with a log is that of a run that goes on or was killed.
Result<std::unique_ptr<EvidenceStore>> open_unwritable_store(const std::string& directory, const std::string& path) {
  std::error_code failure;
  const std::uintmax_t log_bytes = std::filesystem::file_size(path + "-wal", failure);
  const bool has_log = !failure && log_bytes > 0;
  try {
    auto store = std::make_unique<SqliteStore>(directory, path, has_log ? path : as_uri(path, "immutable=1"),
                                               SQLite::OPEN_READONLY | SQLite::OPEN_URI);
    TRY(store->prepare(StoreAccess::read_only));
    if (store->is_blank()) return open_empty_store(directory);
    return store;
  } catch (const SQLite::Exception& open_failure) {
    if (!has_log) return explain(open_failure, path);
    return base::environment_error(
        fmt::format("{} has a log of a run that did not end, which can only be read where it may be written", path),
        "copy the workspace to a place that is writable");
  }
}

}  // namespace

Result<std::unique_ptr<EvidenceStore>> open_store(const std::string& directory, StoreAccess access) {
  const std::string path = directory + "/evidence.db";
  std::error_code failure;
  const bool is_there = std::filesystem::exists(path, failure);
  TRY(check_store_folder(directory));
  try {
    if (access == StoreAccess::read_only && !is_there) return open_empty_store(directory);
    if (access == StoreAccess::read_only && !(may_write(directory) && may_write(path)))
      return open_unwritable_store(directory, path);
    if (access == StoreAccess::read_write) TRY(create_store_folder(directory));
    // Reading may write too: what a killed run has left half-done is rolled back first. It never creates the file.
    const int flags = SQLite::OPEN_READWRITE | (access == StoreAccess::read_write ? SQLite::OPEN_CREATE : 0);
    auto store = std::make_unique<SqliteStore>(directory, path, path, flags);
    TRY(store->prepare(access));
    if (access == StoreAccess::read_only && store->is_blank()) return open_empty_store(directory);
    return store;
  } catch (const SQLite::Exception& open_failure) {
    return explain(open_failure, path);
  }
}

}  // namespace gantry::launch
