#include "launch/checks/load/leftovers.h"

#include "base/number.h"
#include "base/text.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
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

struct Known {
  pid_t pid = 0;
  std::string begin;
  bool is_running() const { return !begin.empty() && begin_of(pid) == begin; }
};
struct Processes {
  Known owner = {};
  std::string boot = {};
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
    if (words[0] == "owner" && words.size() > 3)
      processes.owner = known, processes.boot = words[3];
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

// What programs of that folder have started, and left.
void end_descendants(const std::string& folder) {
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc", failure))
    if (const auto pid = parse<pid_t>(entry.path().filename().string()); pid && *pid > 1 && belongs_to(*pid, folder))
      ::kill(*pid, SIGKILL);
}

}  // namespace

void note_owner(const std::string& folder) {
  append_line(folder, fmt::format("owner {} {} {}\n", ::getpid(), begin_of(::getpid()), boot()));
}

void note_program(const std::string& folder, pid_t pid) {
  append_line(folder, fmt::format("program {} {}\n", pid, begin_of(pid)));
}

void end_leftovers(const std::string& directory) {
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, failure)) {
    const std::string folder = entry.path().string();
    if (!entry.path().filename().string().starts_with(kFolder) || !entry.is_directory(failure)) continue;
    const Processes processes = read_processes(folder);
    // One that nobody has signed yet is being made just now.
    if (processes.owner.pid == 0) continue;
    if (processes.boot == boot()) {
      if (processes.owner.is_running()) continue;
      for (const Known& program : processes.programs)
        if (program.is_running() && ::getpgid(program.pid) == program.pid) ::kill(-program.pid, SIGKILL);
      end_descendants(folder);
    }
    fs::remove_all(folder, failure);
  }
}

}  // namespace gantry::launch
