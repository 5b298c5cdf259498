#pragma once

// Scalars as they are written. kustomize keeps documents as text, so where it makes a string of an unquoted number
// ("version: 1.10" among annotations) it is the text that counts; a Node has only the value, and the place to look.

#include "base/file.h"
#include "base/node.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube::kustomize {

class WrittenTexts {
 public:
  // `files` must outlive it.
  explicit WrittenTexts(const base::FileSystem& files) : files_(&files) {}

  // The scalar's text. Where the place has another text by now, or none (a value that was computed), as YAML would
  // write the value; "null" for a null that is written, and "" for lists, maps and other nulls.
  std::string of(const base::Node::Member& member);
  std::string of(const base::Node& scalar);

  // Whether the string is written with quotes or as a block, or has to be. Whatever a merge puts in its place stays one.
  bool is_quoted(const base::Node& string);

 private:
  struct File {
    std::string text;
    std::vector<std::string_view> lines;
  };
  const File& open(const std::string& name);

  const base::FileSystem* files_;
  std::map<std::string, File, std::less<>> opened_;
};

}  // namespace gantry::kube::kustomize
