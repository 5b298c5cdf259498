#pragma once

// How far a load run is, on stderr: on a terminal a line and a bar for each scenario, drawn over themselves every second; elsewhere a line
// now and then, so that a log shows that it goes on.

#include "cli/terminal.h"
#include "load/load.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace gantry::cli {

class LoadView {
 public:
  enum class Shows { everything, nothing };

  LoadView(const Terminal& terminal, Shows shows, std::string script)
      : terminal_(terminal), shows_(shows), script_(std::move(script)) {}
  ~LoadView() { clear(); }
  LoadView(const LoadView&) = delete;
  LoadView& operator=(const LoadView&) = delete;

  void show(const load::RunProgress& progress);
  // Before anything else is written to the terminal: it is drawn again with the next progress.
  void clear();

 private:
  double rate_since_last(const load::RunProgress& progress);

  const Terminal& terminal_;
  Shows shows_;
  std::string script_;
  std::size_t drawn_ = 0;  // lines
  std::optional<std::chrono::nanoseconds> last_line_ = {};
  std::chrono::nanoseconds last_elapsed_{0};
  double last_requests_ = 0;
};

}  // namespace gantry::cli
