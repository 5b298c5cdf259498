#pragma once

// The texts of a script's modules: what a specifier means and what is there (k6 reference, §3.2). Each file is read once, however many
// VUs evaluate it; nothing is ever fetched.

#include "base/file.h"
#include "base/result.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

// What a specifier leads to.
struct ModuleName {
  enum class Kind { file, built_in };
  Kind kind = Kind::file;
  std::string name = {};  // a file: its normal path below the root; built in: "k6/http"
  friend auto operator<=>(const ModuleName&, const ModuleName&) = default;
};

class ModuleSources {
 public:
  // `files` outlives this. Built-in modules are those whose names are given.
  ModuleSources(const base::FileSystem& files, std::vector<std::string_view> built_in);

  // `importer` is the path of the module that imports, whose folder a relative specifier starts from.
  // Errors: input, with what to write instead: a bare name, an unknown k6 module, an extension, the browser, a URL (nothing is
  // fetched), a path that leaves the root.
  base::Result<ModuleName> resolve(std::string_view specifier, std::string_view importer) const;

  // The text of a file, read at most once; valid as long as this. Errors: as FileSystem::read.
  base::Result<std::string_view> read(const std::string& path);

 private:
  base::Result<ModuleName> resolve_built_in(std::string_view specifier) const;

  const base::FileSystem& files_;
  std::vector<std::string_view> built_in_;  // sorted
  std::map<std::string, std::string> texts_;
};

}  // namespace gantry::load
