#pragma once

// The word that starts all members of a roll at once, and that of whoever collects what they find. Private to muster.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::muster {

struct Go {
  std::string purpose;
  std::string collector;                                    // the process of whoever collects what they find; kNobody
  std::map<std::string, std::string, std::less<>> members;  // process by name

  // "go PURPOSE COLLECTOR NAME PROCESS NAME PROCESS …"
  std::string text() const;
  // Of this start and no other: whoever has heard the word knows it.
  std::string id() const;
};

// "collects PROCESS": said ten times a second until a Go names this process.
inline constexpr std::string_view kCollects = "collects";

// Where there is no name to give.
inline constexpr std::string_view kNobody = "-";

// Nothing where the text is none.
std::optional<Go> read_go(std::string_view text);

}  // namespace gantry::muster
