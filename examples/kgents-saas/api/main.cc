// kgent-api: reads its settings from the environment, serves until SIGTERM, and leaves nothing behind.

#include "api/service.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace kgents {
namespace {

using gantry::base::Node;

int complain(const gantry::base::Error& error) {
  fmt::print(stderr, "{}", gantry::base::describe(error));
  return error.kind == gantry::base::ErrorKind::usage ? 2 : 1;
}

// Connections need files. The limit that a process starts with is often 1,024, for programs that use select(); the one it may
// raise it to is another.
void allow_many_files() {
  constexpr rlim_t kFilesMax = 65'536;  // more than the server takes connections
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= kFilesMax) return;
  files.rlim_cur = std::min(files.rlim_max, kFilesMax);
  ::setrlimit(RLIMIT_NOFILE, &files);
}

int run() {
  // Blocked before any thread is made, so that only sigwait() below ever sees them.
  sigset_t ends;
  ::sigemptyset(&ends);
  ::sigaddset(&ends, SIGTERM);
  ::sigaddset(&ends, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  allow_many_files();
  ::curl_global_init(CURL_GLOBAL_DEFAULT);

  const auto environment = [](std::string_view name) -> std::optional<std::string> {
    const char* const value = std::getenv(std::string(name).c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
  const gantry::base::Result<Settings> settings = read_settings(environment);
  if (!settings) return complain(settings.error());

  Log log(STDOUT_FILENO, settings->log_level);
  const gantry::base::SystemClock clock;
  const auto service = Service::start(*settings, clock, log);
  if (!service) return complain(service.error());
  log.write(LogLevel::info, "listening",
            {{.key = "host", .value = settings->host, .key_pos = {}},
             {.key = "port", .value = std::int64_t{(*service)->port()}, .key_pos = {}}});

  int signal = 0;
  ::sigwait(&ends, &signal);
  log.write(LogLevel::info, "stopping");
  const std::size_t lost = (*service)->stop();
  log.write(lost == 0 ? LogLevel::info : LogLevel::error, "stopped",
            {{.key = "events_lost", .value = static_cast<std::int64_t>(lost), .key_pos = {}}});
  return lost == 0 ? 0 : 1;
}

}  // namespace
}  // namespace kgents

int main() {
  try {
    return kgents::run();
  } catch (const std::exception& failure) {
    fmt::print(stderr, "error: {}\n", failure.what());
    return 1;
  }
}
