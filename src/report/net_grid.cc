// The matrix as a grid of characters: sources down, destinations across, by number. Wider ones come in several blocks.

#include "report/net_axis.h"
#include "report/net_formats.h"
#include "report/plain_text.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::report {

namespace {

constexpr std::size_t kNameWidthMax = 36;
constexpr std::size_t kCellWidth = 2;
constexpr std::size_t kColumnsMin = 8;  // even where names are long and the page narrow

struct Symbol {
  Openness openness;
  char character;
  std::string_view meaning;
};
constexpr std::array<Symbol, 4> kSymbols = {{
    {Openness::closed, '.', "nothing"},
    {Openness::some_ports, '+', "some ports"},
    {Openness::every_port, '#', "every port"},
    {Openness::unsure, '?', "depends (see --format text)"},
}};

class Grid {
 public:
  explicit Grid(const MatrixJob& job) : axis_(job.matrix.reach(), job.style.rows), job_(job) {
    for (const AxisRow& row : axis_.rows()) name_width_ = std::max(name_width_, base::display_width(row.name));
    name_width_ = std::min(name_width_, kNameWidthMax);
    number_width_ = fmt::formatted_size("{}", axis_.size());
    read_cells();
  }

  void write(Output& output) const;

 private:
  void read_cells();
  // The columns' numbers, one digit below the other, under as much as the rows' heads take.
  std::string header(std::size_t first, std::size_t last) const;
  std::string line(std::size_t row, std::size_t first, std::size_t last) const;

  Axis axis_;
  const MatrixJob& job_;
  std::size_t name_width_ = 0;
  std::size_t number_width_ = 1;
  std::vector<std::string> cells_;  // by source, then destination
};

void Grid::read_cells() {
  cells_.assign(axis_.size(), std::string(axis_.size(), kSymbols.front().character));
  for (std::size_t row = 0; row < axis_.size() && !job_.stop.stop_requested();) {
    const netpol::EndpointId source = axis_.rows()[row].endpoint;
    const std::vector<netpol::MatrixGroup> groups = job_.matrix.destinations_of(source);
    const std::vector<ReachedRow> reached = reached_rows(axis_, groups);
    for (const std::size_t end = axis_.first_of(source.value() + 1); row < end; ++row) {
      for (const ReachedRow& to : reached) {
        if (to.row == row && job_.style.rows == MatrixRows::pods) continue;
        const auto openness = static_cast<std::size_t>(openness_of(groups[to.group].open));
        cells_[row][to.row] = kSymbols.at(openness).character;
      }
    }
  }
}

std::string Grid::header(std::size_t first, std::size_t last) const {
  std::string text;
  for (std::size_t digit = 0; digit < number_width_; ++digit) {
    std::string line(number_width_ + 1 + name_width_ + 1, ' ');
    for (std::size_t column = first; column < last; ++column) {
      line += ' ';
      line += fmt::format("{:>{}}", column + 1, number_width_)[digit];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string Grid::line(std::size_t row, std::size_t first, std::size_t last) const {
  const std::string name = base::fit_width(axis_.rows()[row].name, name_width_);
  std::string text = fmt::format("{:>{}} {}", row + 1, number_width_, name);
  text.append(name_width_ - base::display_width(name) + 1, ' ');
  for (std::size_t column = first; column < last; ++column) {
    text += ' ';
    text += cells_[row][column];
  }
  return text + "\n";
}

void Grid::write(Output& output) const {
  const auto width = static_cast<std::size_t>(std::clamp(job_.style.render.width, 40, 200));
  const std::size_t head = number_width_ + 1 + name_width_ + 1;
  const std::size_t columns = std::max(kColumnsMin, width > head ? (width - head) / kCellWidth : 0);
  for (std::size_t first = 0; first < axis_.size(); first += columns) {
    const std::size_t last = std::min(first + columns, axis_.size());
    if (first != 0) output.write("\n");
    output.write(header(first, last));
    for (std::size_t row = 0; row < axis_.size(); ++row)
      if (!output.write(line(row, first, last))) return;
  }
  output.write("\nrows are sources, columns destinations:");
  for (const Symbol& symbol : kSymbols) output.write(fmt::format("  {} {}", symbol.character, symbol.meaning));
  output.write("\n");
}

}  // namespace

void write_matrix_grid(const MatrixJob& job) {
  Output output(job.sink);
  Grid(job).write(output);
  output.flush();
}

}  // namespace gantry::report
