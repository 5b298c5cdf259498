#pragma once

// The texts of a script's modules: what a specifier means and what is there (k6 reference, §3.2). Each file is read once, however many
// VUs evaluate it; nothing is ever fetched.

#include "base/file.h"
#include "base/result.h"
#include "load/script/source_map.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
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
  // `files` outlives this. Built-in modules are those whose names are given. `root` is where `files` lies on the disk, for paths that
  // are absolute; "" where it is the root of everything.
  ModuleSources(const base::FileSystem& files, std::vector<std::string_view> built_in, std::string root = {});

  // `importer` is the path of the module that imports, whose folder a relative specifier starts from.
  // Errors: input, with what to write instead: a bare name, an unknown k6 module, an extension, the browser, a URL of which there is no
  // copy (nothing is fetched), a path that leaves the root.
  base::Result<ModuleName> resolve(std::string_view specifier, std::string_view importer);

  // What a path of a script is below the root: relative to a folder, absolute, or file://. Errors: input, it leaves the root.
  base::Result<std::string> locate(std::string_view path, std::string_view folder) const;

  // The text of a file, read at most once; valid as long as this. Errors: as FileSystem::read; once closed, input for what nobody
  // had read before.
  base::Result<std::string_view> read(const std::string& path);
  // The same as JavaScript: of TypeScript without its types. Errors also: input, more than 16 MiB; as strip_types() has them.
  base::Result<std::string_view> read_module(const std::string& path);

  // From now on there is only what has been read (k6 reference, §2): a run does not depend on files that change under it.
  void close() { is_closed_ = true; }

  // Where a place in what read_module() gave was written, if its source map says so: a path, or what the map has for one.
  std::optional<OriginalPlace> find_original(const std::string& path, std::uint32_t line, std::uint32_t column);
  // That line of a file which has been read; "" for none.
  std::string_view line_of(const std::string& path, std::uint32_t line) const;

  const std::string& root() const { return root_; }

  // What modules that were read assign to (script/assignments.h).
  const std::set<std::string, std::less<>>& assigned() const { return assigned_; }
  // Whether one of them may change the language in other ways, too.
  bool may_change_language() const { return may_change_language_; }

 private:
  // Of a module that is elsewhere.
  struct Copy {
    std::string url;
    std::string folder;  // that `vendor` is in
  };

  base::Result<ModuleName> resolve_built_in(std::string_view specifier) const;
  base::Result<ModuleName> resolve_remote(const std::string& url, std::string_view folder);
  std::optional<SourceMap> load_map(const std::string& path);

  const base::FileSystem& files_;
  std::vector<std::string_view> built_in_;  // sorted
  std::string root_;
  bool is_closed_ = false;
  std::map<std::string, std::string> texts_;
  std::map<std::string, base::Error> failures_;  // of files that cannot be read: every VU is told the same
  std::map<std::string, std::string> modules_;   // those that are other texts than their files
  std::set<std::string, std::less<>> searched_;  // for assignments
  std::set<std::string, std::less<>> assigned_;
  bool may_change_language_ = false;
  std::map<std::string, Copy, std::less<>> copies_;  // by path
  std::map<std::string, std::optional<SourceMap>> maps_;
};

}  // namespace gantry::load
