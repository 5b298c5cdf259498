#include "launch/checks/load/leftovers.h"

#include "base/file.h"
#include "base/number.h"
#include "base/text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace gantry::launch {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolder = "services-";
constexpr std::string_view kProcesses = "/processes";

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

template <typename Number>
std::optional<Number> parse(std::string_view text) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// Ticks since the machine was started, field 22 of proc(5)'s stat; the second field may hold blanks and brackets. "" where it is gone.
std::string begin_of(pid_t pid) {
  const std::string stat = read_file(fmt::format("/proc/{}/stat", pid));
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return {};
  const std::vector<std::string_view> fields = base::split(std::string_view(stat).substr(name_end + 2), ' ');
  constexpr std::size_t kState = 0;
  constexpr std::size_t kBegin = 19;  // of those behind the name
  if (fields.size() <= kBegin || fields[kState] == "Z") return {};
  return std::string(fields[kBegin]);
}

// Another one since a restart, when all numbers begin anew.
std::string boot() { return std::string(base::trim(read_file("/proc/sys/kernel/random/boot_id"))); }

// Where process ids are what they are here: "pid:[4026531836]". In a container they are others.
std::string pid_namespace() {
  std::error_code failure;
  const fs::path name = fs::read_symlink("/proc/self/ns/pid", failure);
  return failure ? "unknown" : name.string();
}

struct Known {
  pid_t pid = 0;
  std::string begin;
  bool is_running() const { return !begin.empty() && begin_of(pid) == begin; }
};
struct Processes {
  Known owner = {};
  std::string boot = {};
  std::string pid_namespace = {};
  std::vector<Known> programs = {};
};

Processes read_processes(const std::string& folder) {
  Processes processes;
  const std::string text = read_file(folder + std::string(kProcesses));
  for (const std::string_view line : base::split(text, '\n')) {
    const std::vector<std::string_view> words = base::split(line, ' ');
    const std::optional<pid_t> pid = words.size() > 2 ? parse<pid_t>(words[1]) : std::nullopt;
    if (!pid || *pid <= 1) continue;
    const Known known{*pid, std::string(words[2])};
    if (words[0] == "owner" && words.size() > 4)
      processes.owner = known, processes.boot = words[3], processes.pid_namespace = words[4];
    else if (words[0] == "program")
      processes.programs.push_back(known);
  }
  return processes;
}

void append_line(const std::string& folder, const std::string& line) {
  std::ofstream(folder + std::string(kProcesses), std::ios::app) << line;
}

// A whole line of the environment, which ends with a NUL.
bool belongs_to(pid_t pid, const std::string& folder) {
  const std::string line = fmt::format("{}={}", kTestVariable, folder) + '\0';
  const std::string environment = '\0' + read_file(fmt::format("/proc/{}/environ", pid));
  return environment.contains('\0' + line);
}

// By their full paths. What cannot be read any further ends the list: folders come and go meanwhile.
std::vector<std::string> entries_of(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code failure;
  for (fs::directory_iterator at(directory, failure), end; !failure && at != end; at.increment(failure))
    paths.push_back(at->path().string());
  return paths;
}

// What programs of that folder have started, and left.
void end_descendants(const std::string& folder) {
  for (const std::string& path : entries_of("/proc"))
    if (const auto pid = parse<pid_t>(base::base_name_of(path)); pid && *pid > 1 && belongs_to(*pid, folder))
      ::kill(*pid, SIGKILL);
}

enum class Wait : std::uint8_t { until_it_is_free, not_at_all };

// Null where the file is not there, is no file, or is held by somebody. Where locks are unknown nobody ever gets one, and nothing is cleaned
// up.
FolderLock lock(const std::string& folder, int flags, Wait wait) {
  constexpr mode_t kOwnOnly = 0600;
  const int opened =
      ::open((folder + std::string(kProcesses)).c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kOwnOnly);
  if (opened < 0) return nullptr;
  FolderLock file(new int(opened));
  struct stat status {};
  if (::fstat(*file, &status) != 0 || !S_ISREG(status.st_mode)) return nullptr;
  const int operation = wait == Wait::not_at_all ? LOCK_EX | LOCK_NB : LOCK_EX;
  int taken = ::flock(*file, operation);
  while (taken != 0 && errno == EINTR) taken = ::flock(*file, operation);
  return taken == 0 ? std::move(file) : nullptr;
}

void end_leftover(const std::string& folder) {
  const FolderLock held = lock(folder, O_RDONLY, Wait::not_at_all);
  if (!held) return;
  const Processes processes = read_processes(folder);
  // One that nobody has signed yet is being made just now.
  if (processes.owner.pid == 0) return;
  const bool is_of_this_boot = processes.boot == boot();
  if (is_of_this_boot && processes.pid_namespace == pid_namespace()) {
    if (processes.owner.is_running()) return;  // where its own lock failed
    for (const Known& program : processes.programs)
      if (program.is_running() && ::getpgid(program.pid) == program.pid) ::kill(-program.pid, SIGKILL);
  }
  if (is_of_this_boot) end_descendants(folder);
  std::error_code ignored;  // what cannot be removed is tried again next time
  fs::remove_all(folder, ignored);
}

}  // namespace

void CloseFile::operator()(const int* file) const {
  ::close(*file);
  delete file;
}

FolderLock note_owner(const std::string& folder) {
  // Whoever looks just now lets go at once.
  FolderLock held = lock(folder, O_RDWR | O_CREAT, Wait::until_it_is_free);
  append_line(folder, fmt::format("owner {} {} {} {}\n", ::getpid(), begin_of(::getpid()), boot(), pid_namespace()));
  return held;
}

void note_program(const std::string& folder, pid_t pid) {
  append_line(folder, fmt::format("program {} {}\n", pid, begin_of(pid)));
}

void end_leftovers(const std::string& directory) {
  for (const std::string& path : entries_of(directory))
    if (base::base_name_of(path).starts_with(kFolder)) end_leftover(path);
}

}  // namespace gantry::launch
