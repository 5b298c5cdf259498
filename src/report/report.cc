#include "report/report.h"

#include "report/renderers.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace gantry::report {

namespace {

constexpr std::array<std::string_view, 7> kStateNames = {"passed", "failed",     "undecided",   "unverified",
                                                         "waived", "signed-off", "not-required"};
static_assert(kStateNames.size() == static_cast<std::size_t>(State::not_required) + 1);

constexpr std::array<std::string_view, 3> kDecisionNames = {"GO", "NO-GO", "UNDECIDED"};
static_assert(kDecisionNames.size() == static_cast<std::size_t>(Decision::undecided) + 1);

constexpr std::array<std::string_view, 3> kBindingSourceNames = {"gantry block", "command", "gantry.yaml"};
static_assert(kBindingSourceNames.size() == static_cast<std::size_t>(BindingSource::workspace) + 1);

using Renderer = std::string (*)(const Board&, const RenderOptions&);

struct FormatEntry {
  Format format;
  Renderer board;
  Renderer bindings;  // null where bindings have no such form
};

constexpr FormatEntry kFormats[] = {
    {Format::terminal, render_terminal, render_bindings_terminal},
    {Format::json, render_json, render_bindings_json},
    {Format::junit, render_junit, nullptr},
    {Format::sarif, render_sarif, nullptr},
    {Format::markdown, render_markdown, nullptr},
    {Format::github, render_github, nullptr},
};

const FormatEntry& entry_of(Format format) {
  const auto* const found = std::ranges::find(kFormats, format, &FormatEntry::format);
  assert(found != std::end(kFormats));
  return *found;
}

}  // namespace

std::string_view to_string(State state) { return kStateNames.at(static_cast<std::size_t>(state)); }
std::string_view to_string(Decision decision) { return kDecisionNames.at(static_cast<std::size_t>(decision)); }
std::string_view to_string(BindingSource source) { return kBindingSourceNames.at(static_cast<std::size_t>(source)); }

std::string render(const Board& board, Format format, const RenderOptions& options) {
  return entry_of(format).board(board, options);
}

std::string render_bindings(const Board& board, Format format, const RenderOptions& options) {
  const Renderer renderer = entry_of(format).bindings;
  assert(renderer != nullptr);
  return renderer(board, options);
}

}  // namespace gantry::report
