// The matrix as a list for people: each set of sources once, and below it whom they reach and on which ports.

#include "report/net_axis.h"
#include "report/net_formats.h"
#include "report/net_names.h"
#include "report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace gantry::report {

using netpol::EndpointSet;
using netpol::MatrixRectangle;

namespace {

// Enough for a hundred names; more are not read, and --format json has them.
constexpr std::size_t kNameLines = 30;

struct Section {
  EndpointSet sources;
  std::vector<const MatrixRectangle*> rectangles;
};

// In the order in which the rectangles come: by first source.
std::vector<Section> sections_of(const std::vector<MatrixRectangle>& rectangles) {
  std::vector<Section> sections;
  std::multimap<std::size_t, std::size_t> known;  // hash of the sources -> section
  for (const MatrixRectangle& rectangle : rectangles) {
    const auto [first, last] = known.equal_range(rectangle.sources.hash());
    const auto same = std::find_if(
        first, last, [&](const auto& entry) { return sections[entry.second].sources == rectangle.sources; });
    if (same != last) {
      sections[same->second].rectangles.push_back(&rectangle);
      continue;
    }
    known.emplace(rectangle.sources.hash(), sections.size());
    sections.push_back({rectangle.sources, {&rectangle}});
  }
  return sections;
}

void write_section(Page& page, const Section& section, const SetNames& names) {
  page.row(0, {{.text = names.of(section.sources), .style = Style::strong, .lines_max = kNameLines}});
  const std::size_t port_width = std::max<std::size_t>(page.width() / 3, 18);
  for (const MatrixRectangle* rectangle : section.rectangles) {
    const netpol::MatrixPorts& open = rectangle->open;
    const std::string ports = open.ports.empty() ? "(nothing for certain)" : netpol::to_string(open.ports);
    page.row(2, {{.text = "->", .width = 2, .style = Style::faint},
                 {.text = names.of(rectangle->destinations), .lines_max = kNameLines},
                 {.text = ports, .width = port_width, .style = Style::accent, .lines_max = kNameLines}});
    page.row(5, {{.text = netpol::describe_doubt(open), .style = Style::warning, .lines_max = 4}});
  }
}

std::string headline(const netpol::AnalysisCounts& counts) {
  return fmt::format("{} pods in {} classes, {} ranges of addresses, {} policies", counts.pods, counts.pod_classes,
                     counts.regions, counts.policies);
}

}  // namespace

void write_matrix_text(const MatrixJob& job) {
  const netpol::Reachability& reach = job.matrix.reach();
  const Axis axis(reach, job.style.rows);
  const SetNames names(reach, axis);
  const std::vector<MatrixRectangle> rectangles = job.matrix.rectangles(job.stop);
  Output output(job.sink);
  Page head(job.style.render.width, job.style.render.colour);
  head.row(0, {{.text = headline(reach.counts()), .style = Style::faint, .lines_max = 2}});
  head.blank();
  bool goes_on = output.write(head.text());
  for (const Section& section : sections_of(rectangles)) {
    if (!goes_on || job.stop.stop_requested()) break;
    if (axis.count_of(section.sources) == 0) continue;
    Page page(job.style.render.width, job.style.render.colour);
    write_section(page, section, names);
    goes_on = output.write(page.text());
  }
  if (rectangles.empty()) output.write("nobody reaches anybody\n");
  output.flush();
}

}  // namespace gantry::report
