#include "load/script/module_sources.h"

#include "base/base64.h"
#include "base/text.h"
#include "load/script/assignments.h"
#include "load/script/remote_modules.h"
#include "load/script/typescript.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::load {

using base::input_error;
using base::Result;

namespace {

// Imports that k6 has, had, or has elsewhere, and what is to be done about them.
struct Absent {
  std::string_view name;
  std::string_view why;
  std::string_view help;
};
constexpr std::array<Absent, 9> kAbsent = {
    {{"k6/browser", "a load engine drives no browser",
      "test pages with a browser's own tool, and the API behind them here"},
     {"k6/experimental/browser", "a load engine drives no browser",
      "test pages with a browser's own tool, and the API behind them here"},
     {"k6/experimental/redis", "k6 has removed it", "reach Redis through the service that is tested"},
     {"k6/experimental/timers", "k6 has removed it", "use the global setTimeout, or import from k6/timers"},
     {"k6/experimental/webcrypto", "k6 has removed it", "use the global crypto"},
     {"k6/net/grpc", "gRPC is not part of Gantry", "ask the same service over HTTP, or run that script with k6"},
     {"k6/experimental/grpc", "gRPC is not part of Gantry",
      "ask the same service over HTTP, or run that script with k6"},
     {"k6/crypto/x509", "reading certificates is not part of Gantry", "read them before, and open() what is needed"},
     {"k6/experimental/tracing", "k6 has removed it", "set the traceparent header of the requests"}}};

constexpr std::string_view kFileScheme = "file://";
// Bundles of one module have some hundred kilobytes; a tenth of what an isolate's heap may hold for all.
constexpr std::size_t kModuleBytesMax = std::size_t{16} << 20;

}  // namespace

ModuleSources::ModuleSources(const base::FileSystem& files, std::vector<std::string_view> built_in, std::string root)
    : files_(files), built_in_(std::move(built_in)), root_(std::move(root)) {
  std::ranges::sort(built_in_);
}

Result<ModuleName> ModuleSources::resolve_built_in(std::string_view specifier) const {
  if (std::ranges::binary_search(built_in_, specifier))
    return ModuleName{ModuleName::Kind::built_in, std::string(specifier)};
  for (const Absent& absent : kAbsent)
    if (specifier == absent.name)
      return input_error(fmt::format("{} cannot be imported: {}", specifier, absent.why), {}, std::string(absent.help));
  if (specifier.starts_with("k6/x/"))
    return input_error(fmt::format("{} cannot be imported: extensions of k6 are programs of its own", specifier), {},
                       "run this script with the k6 that has the extension");
  std::vector<std::string_view> of_k6 = built_in_;
  std::erase_if(of_k6, [](std::string_view name) { return name.starts_with("gantry:"); });
  const std::optional<std::string_view> nearest = base::nearest_name(specifier, of_k6);
  return input_error(fmt::format("there is no module {}", specifier), {},
                     nearest ? fmt::format("did you mean {}?", *nearest)
                             : fmt::format("these are built in: {}", fmt::join(of_k6, ", ")));
}

// A copy in the folder `vendor` of that folder or of one above it; else what comes with the program.
Result<ModuleName> ModuleSources::resolve_remote(const std::string& url, std::string_view folder) {
  const std::string below = "vendor/" + TRY(vendored_path(url));
  for (std::string_view above = folder;; above = base::directory_of(above)) {
    std::string path = TRY(base::join_path(above, below));
    if (const auto kind = files_.kind(path); kind && *kind == base::FileKind::regular) {
      copies_.emplace(path, Copy{url, std::string(above)});
      return ModuleName{ModuleName::Kind::file, std::move(path)};
    }
    if (above.empty()) break;
  }
  const std::string_view library = library_module(url);
  if (std::ranges::binary_search(built_in_, library))
    return ModuleName{ModuleName::Kind::built_in, std::string(library)};
  return input_error(fmt::format("{} cannot be imported: nothing is fetched while a script is loaded", url), {},
                     fmt::format("save it as {}, or in such a folder above", TRY(base::join_path(folder, below))));
}

Result<ModuleName> ModuleSources::resolve(std::string_view specifier, std::string_view importer) {
  if (specifier == "k6" || specifier.starts_with("k6/")) return resolve_built_in(specifier);
  // What k6's modules are made of, and nobody else may touch.
  if (specifier.starts_with("gantry:") && std::ranges::binary_search(built_in_, importer))
    return resolve_built_in(specifier);
  const auto copy = copies_.find(importer);
  const std::string_view folder = copy == copies_.end() ? base::directory_of(importer) : copy->second.folder;
  if (is_url(specifier)) return resolve_remote(std::string(specifier), folder);
  const bool is_path = specifier.starts_with("./") || specifier.starts_with("../") || specifier.starts_with('/') ||
                       specifier.starts_with(kFileScheme);
  if (!is_path)
    return input_error(fmt::format("{} names neither a module of k6 nor a file", specifier), {},
                       fmt::format("write ./{} for a file beside the script", specifier));
  if (copy != copies_.end()) return resolve_remote(TRY(resolve_url(specifier, copy->second.url)), folder);
  std::string path = TRY(locate(specifier, folder));
  return ModuleName{ModuleName::Kind::file, std::move(path)};
}

Result<std::string> ModuleSources::locate(std::string_view path, std::string_view folder) const {
  std::string_view rest = path;
  if (rest.starts_with(kFileScheme)) rest.remove_prefix(kFileScheme.size());
  if (!rest.starts_with('/')) return base::join_path(folder, rest);
  if (!rest.starts_with(root_) || !rest.substr(root_.size()).starts_with('/'))
    return input_error(fmt::format("{} lies outside of {}", path, root_), {},
                       "scripts read what lies in their folder and its workspace");
  rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of('/', root_.size())));
  return base::normal_path(rest);
}

Result<std::string_view> ModuleSources::read(const std::string& path) {
  if (const auto known = texts_.find(path); known != texts_.end()) return known->second;
  if (const auto failed = failures_.find(path); failed != failures_.end()) return std::unexpected(failed->second);
  if (is_closed_)
    return input_error(fmt::format("{} was not read while the script was first loaded", path), {},
                       "read it at top level, whatever __VU is");
  base::Result<std::string> text = files_.read(path);
  if (!text) return std::unexpected(failures_.emplace(path, text.error()).first->second);
  return texts_.emplace(path, *std::move(text)).first->second;
}

Result<std::string_view> ModuleSources::read_module(const std::string& path) {
  if (const auto known = modules_.find(path); known != modules_.end()) return known->second;
  const std::string_view text = TRY(read(path));
  if (text.size() > kModuleBytesMax)
    return input_error(fmt::format("{} has more than {} MiB", path, kModuleBytesMax >> 20), {},
                       "read data with open(), which may be larger");
  if (searched_.insert(path).second) {
    find_assigned_members(text, assigned_);
    may_change_language_ = may_change_language_ || load::may_change_language(text);
  }
  if (!is_typescript(path)) return text;
  return modules_.emplace(path, TRY(strip_types(path, text))).first->second;
}

// What its last line names: a file beside it, or the map itself.
std::optional<SourceMap> ModuleSources::load_map(const std::string& path) {
  const Result<std::string_view> text = read_module(path);
  if (!text) return std::nullopt;
  constexpr std::string_view kMark = "//# sourceMappingURL=";
  const std::size_t at = text->rfind(kMark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view url = base::trim(text->substr(at + kMark.size(), text->find('\n', at) - at - kMark.size()));
  if (url.starts_with("data:")) {
    const std::size_t comma = url.find(";base64,");
    if (comma == std::string_view::npos) return std::nullopt;
    const std::optional<std::string> map = base::decode_base64(url.substr(comma + std::string_view(";base64,").size()));
    return map ? SourceMap::parse(*map) : std::nullopt;
  }
  const Result<std::string> file = base::join_path(base::directory_of(path), url);
  const Result<std::string> map = file ? files_.read(*file) : std::unexpected(file.error());
  return map ? SourceMap::parse(*map) : std::nullopt;
}

std::optional<OriginalPlace> ModuleSources::find_original(const std::string& path, std::uint32_t line,
                                                          std::uint32_t column) {
  if (!texts_.contains(path)) return std::nullopt;
  auto known = maps_.find(path);
  if (known == maps_.end()) known = maps_.emplace(path, load_map(path)).first;
  if (!known->second) return std::nullopt;
  std::optional<OriginalPlace> place = known->second->find(line, column);
  if (!place) return std::nullopt;
  // esbuild has the path that it was given.
  if (is_typescript(path))
    place->file = path;
  else if (const Result<std::string> file = base::join_path(base::directory_of(path), place->file))
    place->file = *file;
  return place;
}

std::string_view ModuleSources::line_of(const std::string& path, std::uint32_t line) const {
  const auto known = texts_.find(path);
  if (known == texts_.end()) return {};
  std::string_view rest = known->second;
  for (; line > 1; --line) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  return base::trim(rest.substr(0, rest.find('\n')));
}

}  // namespace gantry::load
