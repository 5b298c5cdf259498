#pragma once

// What a script's text assigns to, as far as that is part of the language itself: Array.prototype.map, Math.random. Private to load.

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace gantry::load {

// Adds the path of each member that the text assigns to by its full name, or by one that was given to its object just so
// (const p = Array.prototype): "Array.prototype.map", "Math.random", "globalThis.Date". What stands in a comment counts, what goes other ways
// does not.
void find_assigned_members(std::string_view text, std::set<std::string, std::less<>>& found);

// Whether a text may change part of the language in ways that this does not find: it has one of the words that all those ways take. Bundles
// have, as a rule, and scripts that people write have not.
bool may_change_language(std::string_view text);

}  // namespace gantry::load
