#pragma once

// The rules of the house that a compiler can't see, checked over the text of src/:
//
//   - a room includes only its own files and the public headers of rooms in its USES;
//   - a public header includes only the standard library and Gantry; a library with one owner stays in the owner's room;
//   - every source is listed in its room's CMakeLists.txt, and none is longer than 500 lines;
//   - below floor 5 nothing prints or exits; on floors 1 to 4 nothing reads the clock or the environment;
//   - ARCHITECTURE.md has one section "### <room> (floor <n>)" for each room, and for no other.

#include "house/source_tree.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::house {

struct Room {
  std::string name;
  int floor = 0;
  std::vector<std::string> uses;
  std::vector<std::string> headers;  // public ones, relative to the room's folder
  std::vector<std::string> sources;
};

// Reads the graph that gantry_write_room_graph wrote. Throws when it is not of that form.
std::vector<Room> parse_room_graph(std::string_view json);

// Every violation as one line, "src/kube/labels.cc:3: …", in order of file and line.
std::vector<std::string> find_violations(const std::vector<Room>& rooms, const SourceTree& tree);

// What ARCHITECTURE.md and the graph disagree about.
std::vector<std::string> compare_architecture(const std::vector<Room>& rooms, std::string_view architecture);

}  // namespace gantry::house
