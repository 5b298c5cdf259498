#include "launch/checks/load/launchers.h"

#include "base/file.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

namespace gantry::launch {

namespace {

// Without the version that may stand behind.
constexpr auto kLaunchers = std::to_array<std::string_view>(
    {"ash",  "bash",    "beam.smp", "bun",    "cargo",  "dash",   "deno",   "docker", "dotnet",  "elixir",
     "env",  "erl",     "escript",  "fish",   "go",     "java",   "julia",  "ksh",    "lua",     "luajit",
     "make", "mix",     "mono",     "nix",    "node",   "nodejs", "npm",    "npx",    "nice",    "perl",
     "php",  "php-fpm", "pnpm",     "podman", "poetry", "pypy",   "python", "racket", "Rscript", "ruby",
     "sh",   "tclsh",   "timeout",  "uv",     "yarn",   "zsh"});

// "python3.11" and "php8.2" are those.
bool is_named_so(std::string_view name) {
  const std::size_t end = name.find_last_not_of("0123456789.");
  if (end != std::string_view::npos) name = name.substr(0, end + 1);
  return std::ranges::find(kLaunchers, name) != kLaunchers.end();
}

bool is_script(const std::string& path) {
  std::array<char, 2> first = {};
  std::ifstream file(path, std::ios::binary);
  return file.read(first.data(), first.size()) && first == std::array{'#', '!'};
}

}  // namespace

bool is_launcher(const std::string& path) {
  std::error_code failure;
  const std::string real = std::filesystem::canonical(path, failure).string();
  if (is_named_so(base::base_name_of(path))) return true;
  return !failure && (is_named_so(base::base_name_of(real)) || is_script(real));
}

}  // namespace gantry::launch
