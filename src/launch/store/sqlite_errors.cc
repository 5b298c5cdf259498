#include "launch/store/sqlite_errors.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace gantry::launch {

std::unexpected<base::Error> explain(const SQLite::Exception& failure, const std::string& path) {
  const int code = failure.getErrorCode();
  const std::string what = failure.what();
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return base::environment_error(fmt::format("{} is locked by another program", path),
                                     "wait until the other gantry has ended, or end it");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
      return base::environment_error(fmt::format("{} cannot be written: {}", path, what),
                                     "check the permissions of the .gantry folder");
    case SQLITE_FULL:
      return base::environment_error(fmt::format("no space left for {}", path),
                                     "free some space and run again; what was stored before is kept");
    case SQLITE_IOERR:
      return base::environment_error(fmt::format("{} cannot be read or written: {}", path, what),
                                     "check the disk, then run again");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return base::input_error(
          fmt::format("{} is damaged or not an evidence store", path), {},
          "move it away and run again: evidence is won anew, but waivers and sign-offs in it are lost");
    default:
      return base::internal_error(
          fmt::format("evidence store {}: {} (SQLite code {})", path, what, failure.getExtendedErrorCode()));
  }
}

}  // namespace gantry::launch
