// Any folder as a kustomization: one input holds its files, each after a line "#file path"; "overlay" is rendered where it is among them, else
// the root. What renders is objects with a kind and a place,
// the same each time; what does not is an error that says what is wrong.

#include "base/file.h"
#include "base/json.h"
#include "kube/kustomize.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using gantry::base::MemoryFileSystem;
using gantry::base::Node;
using gantry::base::Result;
using gantry::kube::Rendered;

void require(bool holds) {
  if (!holds) std::abort();
}

MemoryFileSystem unpack(std::string_view text) {
  constexpr std::string_view kMark = "#file ";
  MemoryFileSystem files;
  std::string path = "kustomization.yaml";
  std::string content;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    if (!line.starts_with(kMark)) {
      content += line;
      continue;
    }
    files.write(std::move(path), std::move(content));
    content.clear();
    path = line.substr(kMark.size(), line.find_last_not_of('\n') + 1 - kMark.size());
    // Paths of a file system are normal ones; what a kustomization says of them is up to it.
    path = gantry::base::normal_path(path).value_or("kustomization.yaml");
  }
  files.write(std::move(path), std::move(content));
  return files;
}

std::string dump(const Rendered& rendered) {
  std::string text;
  for (const Node& object : rendered.objects) text += gantry::base::dump_json(object) + "\n";
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFileSystem files = unpack({reinterpret_cast<const char*>(data), size});
  const std::string_view root = files.kind("overlay") == gantry::base::FileKind::directory ? "overlay" : "";
  const Result<Rendered> rendered = gantry::kube::render_kustomization(files, root);
  if (!rendered) {
    require(!rendered.error().message.empty() && rendered.error().kind != gantry::base::ErrorKind::internal);
    return 0;
  }
  for (const Node& object : rendered->objects) {
    require(object.is_map());
    const Node* kind = object.get("kind");
    require(kind && kind->is_string() && !kind->string().empty());
  }
  for (const gantry::base::Finding& finding : rendered->findings)
    require(!finding.rule.empty() && !finding.message.empty());
  const Result<Rendered> again = gantry::kube::render_kustomization(files, root);
  require(again.has_value() && dump(*again) == dump(*rendered));
  return 0;
}
