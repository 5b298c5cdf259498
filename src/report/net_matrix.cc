// The forms of the matrix, and what can be written of it without anybody drowning.

#include "report/net_axis.h"
#include "report/net_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace gantry::report {

namespace {

struct FormEntry {
  MatrixFormat format;
  std::string_view name;
  void (*write)(const MatrixJob& job);
  // Rows beyond which the form is of no use to anybody: nobody looks at a wall of cells, and Graphviz does not end.
  std::size_t rows_max;
};

constexpr std::size_t kUnlimited = static_cast<std::size_t>(-1);

constexpr std::array<FormEntry, 6> kForms = {{
    {MatrixFormat::text, "text", write_matrix_text, kUnlimited},
    {MatrixFormat::csv, "csv", write_matrix_csv, kUnlimited},
    {MatrixFormat::json, "json", write_matrix_json, kUnlimited},
    {MatrixFormat::dot, "dot", write_matrix_dot, 1'000},
    {MatrixFormat::svg, "svg", write_matrix_svg, 1'000},
    {MatrixFormat::matrix, "matrix", write_matrix_grid, 2'000},
}};

}  // namespace

std::optional<MatrixFormat> find_matrix_format(std::string_view name) {
  const auto* const found = std::ranges::find(kForms, name, &FormEntry::name);
  return found == kForms.end() ? std::nullopt : std::optional(found->format);
}

std::vector<std::string> matrix_format_names() {
  std::vector<std::string> names;
  for (const FormEntry& form : kForms) names.emplace_back(form.name);
  return names;
}

base::Result<void> write_matrix(const netpol::Matrix& matrix, const MatrixStyle& style, const Sink& sink,
                                std::stop_token stop) {
  const auto* const form = std::ranges::find(kForms, style.format, &FormEntry::format);
  assert(form != kForms.end());
  if (const std::size_t rows = Axis(matrix.reach(), style.rows).size(); rows > form->rows_max)
    return base::usage_error(fmt::format("{} rows are too many for the form \"{}\"", rows, form->name),
                             "--format text, csv or json take any number; a folder or --context's -n makes it smaller");
  form->write({.matrix = matrix, .style = style, .sink = sink, .stop = std::move(stop)});
  return {};
}

}  // namespace gantry::report
