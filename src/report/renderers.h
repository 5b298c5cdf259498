#pragma once

// One function per format, each in its own file. report.cc has the table that leads from a Format to these.

#include "report/report.h"

#include <string>

namespace gantry::report {

std::string render_terminal(const Board& board, const RenderOptions& options);
std::string render_json(const Board& board, const RenderOptions& options);
std::string render_junit(const Board& board, const RenderOptions& options);
std::string render_sarif(const Board& board, const RenderOptions& options);
std::string render_markdown(const Board& board, const RenderOptions& options);
std::string render_github(const Board& board, const RenderOptions& options);

std::string render_bindings_terminal(const Board& board, const RenderOptions& options);
std::string render_bindings_json(const Board& board, const RenderOptions& options);

}  // namespace gantry::report
