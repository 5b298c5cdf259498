#pragma once

// The forms of null that kustomize 5.5 tells apart because it keeps documents as text: one that is written ("~", "null"),
// one that is not ("emptyDir:"), and one that is not written between braces ("{emptyDir: }"), which comes back as an empty
// string when kustomize writes the object out. A merge drops those that are not written and keeps those that are.
//
// In a Node, a null that is not written has the place of its key, or between braces no place at all.

#include "base/node.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube::kustomize {

enum class NullForm { written, unwritten, unwritten_in_braces };

// Of a member that is null.
NullForm null_form(const base::Node::Member& member);

// Takes the place from nulls that are not written between braces. `lines` are those of the text that the tree is from.
void mark_unwritten_nulls(base::Node& tree, const std::vector<std::string_view>& lines);

// What writing the tree out and reading it back does to its nulls.
void write_out_nulls(base::Node& tree);

}  // namespace gantry::kube::kustomize
