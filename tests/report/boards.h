#pragma once

// Boards for tests: one per scenario, each the board that `launch` would hand over in the situation its name tells.

#include "report/report.h"

#include <span>
#include <string_view>

namespace gantry::report {

struct Scenario {
  std::string_view name;  // the folder under tests/report/boards/
  Board (*build)();
};
std::span<const Scenario> scenarios();

Board no_go_board();  // the Phase 7 plan, judged from files alone
Board go_board();
Board go_with_waiver_board();
Board undecided_board();
Board stale_board();
Board empty_board();
Board hostile_board();  // every text in it tries to break out
Board huge_board();     // 40 tracks of 25 steps with 30 findings each

// Text that breaks out of a terminal, XML, Markdown, HTML, a URI or a workflow command when it is not made harmless.
std::span<const std::string_view> hostile_texts();

base::SourcePos at(std::string_view file, std::uint32_t line, std::uint32_t column);

}  // namespace gantry::report
