#pragma once

// A text file, edited by whole lines, and the difference as a unified diff. All line numbers are those of the text before any edit,
// from 1.

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

class LineEdits {
 public:
  explicit LineEdits(std::string_view text);

  std::size_t size() const { return lines_.size(); }
  const std::string& line(std::size_t number) const { return lines_.at(number - 1); }

  // Behind a line; 0: before the first. Several at one place stay in the order they come.
  void insert_after(std::size_t number, const std::vector<std::string>& lines);
  void remove(std::size_t first, std::size_t last);
  void replace(std::size_t number, std::string line);

  std::string text() const;
  // "--- a/path", "+++ b/path", hunks with three lines around; "" when nothing changed. For a new file `is_new`: from /dev/null.
  std::string diff(std::string_view path, bool is_new) const;

 private:
  struct ScriptLine {
    char tag;  // ' ', '-', '+'
    const std::string* text;
    bool is_last_old = false;
  };
  std::vector<ScriptLine> script() const;

  std::vector<std::string> lines_;
  bool ends_in_line_feed_ = true;
  std::map<std::size_t, std::vector<std::string>> inserted_;  // behind which line
  std::map<std::size_t, std::string> replaced_;
  std::set<std::size_t> removed_;
};

}  // namespace gantry::netpol
