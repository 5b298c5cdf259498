#pragma once

// What the board and the bindings share on a terminal: the headline, how a state looks, and where the columns stand.

#include "report/page.h"
#include "report/report.h"

#include <cstddef>
#include <string>

namespace gantry::report {

Style style_of(State state);
Style style_of(base::Severity severity);

// The one-column cell that begins a row.
Cell glyph_cell(State state);

// Where the columns of a board stand: indent, glyph, id, text, and beside it the summary where the page is wide enough.
struct Columns {
  std::size_t id_width = 3;
  std::size_t text_width = 0;  // 0: the summary stands below the text

  static constexpr std::size_t kIndent = 2;
  std::size_t text_start() const { return kIndent + 2 + id_width + 2; }
};
Columns measure_columns(const Board& board, std::size_t page_width);

// Glyph, id, text and one line on what became of it, side by side or one below the other.
void write_outcome(Page& page, const Columns& columns, State state, const std::string& id, const std::string& text,
                   const std::string& summary);

// The plan's title, and below it where, when and by which Gantry it was judged.
void write_headline(Page& page, const Board& board);

void write_heading(Page& page, const std::string& text);
// "… and 12 more: --json or --verbose"; nothing for none.
void write_left_out(Page& page, std::size_t indent, std::size_t count, Detail detail);
// Of a track: its letter, its title, and cells at the right.
void write_track_heading(Page& page, const TrackRow& track, std::vector<Cell> right = {});

}  // namespace gantry::report
