#include "cli/environment.h"

#include <unistd.h>

#include <string_view>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX declares it nowhere

namespace gantry::cli {

std::map<std::string, std::string, std::less<>> read_environment() {
  std::map<std::string, std::string, std::less<>> variables;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view variable(*entry);
    if (const std::size_t at = variable.find('='); at != std::string_view::npos)
      variables.emplace(variable.substr(0, at), variable.substr(at + 1));
  }
  return variables;
}

}  // namespace gantry::cli
