// The matrix as a picture that stands alone: no script, no font or style from elsewhere, readable on light and on dark pages.
// Sources down, destinations across; a line parts namespaces; what a cell means is in its colour, its shape, and in words in the
// tooltip, so that nobody needs the colours.

#include "report/net_axis.h"
#include "report/net_formats.h"
#include "report/xml.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::report {

namespace {

constexpr int kCell = 18;           // pixels
constexpr double kCharWidth = 7.5;  // of the 12 px font, on the safe side
constexpr std::size_t kNameMax = 44;
constexpr int kMargin = 16;
constexpr int kTitleHeight = 44;
constexpr int kLegendHeight = 30;
constexpr int kLegendWidth = 700;

// Colours that differ in lightness too, for those who do not see the hue. Written out for both schemes: not every renderer knows
// CSS variables.
constexpr std::string_view kStyle =
    "<style>\n"
    "text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1f2328}\n"
    ".title{font:600 15px system-ui,sans-serif}.note{font:12px system-ui,sans-serif;fill:#59636e}\n"
    ".outside{font-style:italic}.page{fill:#ffffff}.empty{fill:#eef1f4}.some{fill:#54a3e8}\n"
    ".every{fill:#b3261e}.unsure{fill:#d99a06}.line{stroke:#c2cad2;stroke-width:1}\n"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#9198a1}.page{fill:#0d1117}.empty{fill:#1b222b}"
    ".some{fill:#3d8fd9}.every{fill:#f2766d}.unsure{fill:#e3b341}.line{stroke:#3d444d}}\n"
    "</style>\n";

struct Look {
  Openness openness;
  std::string_view css_class;
  std::string_view meaning;
  int inset;  // pixels that the mark is smaller than its cell: the shape says what the colour says
};
constexpr std::array<Look, 4> kLooks = {{
    {Openness::closed, "empty", "nothing", 1},
    {Openness::some_ports, "some", "some ports", 3},
    {Openness::every_port, "every", "every port", 1},
    {Openness::unsure, "unsure", "depends", 3},
}};

std::string mark(Openness openness, int x, int y) {
  const Look& look = kLooks.at(static_cast<std::size_t>(openness));
  const int size = kCell - 2 * look.inset;
  if (openness == Openness::unsure) {
    const int middle = kCell / 2;
    return fmt::format(R"(<path class="{}" d="M{} {}l{} {}l-{} {}l-{} -{}z"/>)", look.css_class, x + middle,
                       y + look.inset, size / 2, size / 2, size / 2, size / 2, size / 2, size / 2);
  }
  return fmt::format(R"(<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>)", look.css_class,
                     x + look.inset, y + look.inset, size, size);
}

class Picture {
 public:
  explicit Picture(const MatrixJob& job) : job_(job), axis_(job.matrix.reach(), job.style.rows) {
    std::size_t longest = 1;
    for (const AxisRow& row : axis_.rows()) longest = std::max(longest, base::display_width(shown(row)));
    names_ = static_cast<int>(kCharWidth * static_cast<double>(longest)) + 8;
    left_ = kMargin + names_;
    top_ = kMargin + kTitleHeight + names_;
    const int cells = kCell * static_cast<int>(axis_.size());
    width_ = std::max(left_ + cells + kMargin, kLegendWidth);
    height_ = top_ + cells + kMargin + kLegendHeight + kMargin;
  }

  void write(Output& output) const;

 private:
  static std::string shown(const AxisRow& row) { return base::fit_width(row.name, kNameMax); }
  int x_of(std::size_t column) const { return left_ + kCell * static_cast<int>(column); }
  int y_of(std::size_t row) const { return top_ + kCell * static_cast<int>(row); }

  void write_head(Output& output) const;
  void write_names(Output& output) const;
  void write_grid(Output& output) const;
  void write_cells(Output& output) const;
  void write_legend(Output& output) const;

  const MatrixJob& job_;
  Axis axis_;
  int names_ = 0;  // how long the longest name is
  int left_ = 0;
  int top_ = 0;
  int width_ = 0;
  int height_ = 0;
};

void Picture::write_head(Output& output) const {
  const netpol::AnalysisCounts& counts = job_.matrix.reach().counts();
  output.write(
      fmt::format(R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img")"
                  " aria-label=\"Who reaches whom\">\n",
                  width_, height_));
  output.write("<title>Who reaches whom</title>\n");
  output.write(kStyle);
  output.write(fmt::format("<rect class=\"page\" width=\"{}\" height=\"{}\"/>\n", width_, height_));
  output.write(fmt::format("<text class=\"title\" x=\"{}\" y=\"{}\">Who reaches whom</text>\n", kMargin, kMargin + 14));
  output.write(
      fmt::format("<text class=\"note\" x=\"{}\" y=\"{}\">rows are sources, columns destinations; {} pods, {} "
                  "policies</text>\n",
                  kMargin, kMargin + 32, counts.pods, counts.policies));
}

void Picture::write_names(Output& output) const {
  for (std::size_t i = 0; i < axis_.size(); ++i) {
    const AxisRow& row = axis_.rows()[i];
    const std::string_view css_class = row.name_space.empty() ? " class=\"outside\"" : "";
    const std::string name = xml_text(shown(row));
    output.write(fmt::format("<text{} x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", css_class, left_ - 6,
                             y_of(i) + 13, name));
    output.write(fmt::format("<text{} transform=\"translate({} {}) rotate(-90)\">{}</text>\n", css_class, x_of(i) + 13,
                             top_ - 6, name));
  }
}

// The empty cells as one surface, and a line wherever a namespace ends.
void Picture::write_grid(Output& output) const {
  const int end = kCell * static_cast<int>(axis_.size());
  output.write(
      fmt::format("<rect class=\"empty\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", left_, top_, end, end));
  for (std::size_t i = 0; i <= axis_.size(); ++i) {
    const bool is_border = i == 0 || i == axis_.size() || axis_.rows()[i].name_space != axis_.rows()[i - 1].name_space;
    if (!is_border) continue;
    output.write(fmt::format("<path class=\"line\" d=\"M{0} {1}h{2}M{3} {4}v{5}\"/>\n", left_ - names_, y_of(i),
                             end + names_, x_of(i), top_ - names_, end + names_));
  }
}

void Picture::write_cells(Output& output) const {
  for (std::size_t row = 0; row < axis_.size() && !job_.stop.stop_requested(); ++row) {
    const std::vector<netpol::MatrixGroup> groups = job_.matrix.destinations_of(axis_.rows()[row].endpoint);
    for (const ReachedRow& to : reached_rows(axis_, groups)) {
      if (to.row == row && job_.style.rows == MatrixRows::pods) continue;
      const netpol::MatrixPorts& open = groups[to.group].open;
      const std::string doubt = netpol::describe_doubt(open);
      const std::string ports = open.ports.empty() ? "nothing for certain" : netpol::to_string(open.ports);
      const std::string tooltip = fmt::format("{} -> {}: {}{}{}", axis_.rows()[row].name, axis_.rows()[to.row].name,
                                              ports, doubt.empty() ? "" : "; ", doubt);
      output.write(fmt::format("<g><title>{}</title>{}</g>\n", xml_text(tooltip),
                               mark(openness_of(open), x_of(to.row), y_of(row))));
    }
  }
}

void Picture::write_legend(Output& output) const {
  const int y = height_ - kMargin - kLegendHeight + 6;
  int x = kMargin;
  for (const Look& look : kLooks) {
    output.write(mark(look.openness, x, y));
    output.write(
        fmt::format("<text class=\"note\" x=\"{}\" y=\"{}\">{}</text>\n", x + kCell + 6, y + 13, look.meaning));
    x += kCell + 6 + static_cast<int>(kCharWidth * static_cast<double>(look.meaning.size())) + 24;
  }
}

void Picture::write(Output& output) const {
  write_head(output);
  write_grid(output);
  write_names(output);
  write_cells(output);
  write_legend(output);
  output.write("</svg>\n");
}

}  // namespace

void write_matrix_svg(const MatrixJob& job) {
  Output output(job.sink);
  Picture(job).write(output);
  output.flush();
}

}  // namespace gantry::report
