#include "load/script/module_sources.h"

#include "base/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::load {

using base::input_error;
using base::Result;

namespace {

// Imports that k6 had, or has elsewhere, and what is to be done about them.
struct Absent {
  std::string_view name;
  std::string_view why;
  std::string_view help;
};
constexpr std::array<Absent, 7> kAbsent = {
    {{"k6/browser", "a load engine drives no browser",
      "test pages with a browser's own tool, and the API behind them here"},
     {"k6/experimental/browser", "a load engine drives no browser",
      "test pages with a browser's own tool, and the API behind them here"},
     {"k6/experimental/redis", "k6 has removed it", "reach Redis through the service that is tested"},
     {"k6/experimental/timers", "k6 has removed it", "use the global setTimeout, or import from k6/timers"},
     {"k6/experimental/webcrypto", "k6 has removed it", "use the global crypto"},
     {"k6/experimental/grpc", "k6 has removed it", "import from k6/net/grpc"},
     {"k6/experimental/tracing", "k6 has removed it", "set the traceparent header of the requests"}}};

// Of the modules at jslib.k6.io, those that come with the program: whatever their version, since nothing is fetched.
// "https://jslib.k6.io/k6-utils/1.4.0/index.js" -> "gantry:k6-utils"; "" for what is none.
std::string library_module(std::string_view url) {
  constexpr std::string_view kHost = "https://jslib.k6.io/";
  if (!url.starts_with(kHost)) return {};
  url.remove_prefix(kHost.size());
  return fmt::format("gantry:{}", url.substr(0, url.find('/')));
}

// "https://jslib.k6.io/k6-utils/1.4.0/index.js" -> true
bool is_url(std::string_view specifier) { return specifier.contains("://") && !specifier.starts_with("file://"); }

}  // namespace

ModuleSources::ModuleSources(const base::FileSystem& files, std::vector<std::string_view> built_in)
    : files_(files), built_in_(std::move(built_in)) {
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

Result<ModuleName> ModuleSources::resolve(std::string_view specifier, std::string_view importer) const {
  if (specifier == "k6" || specifier.starts_with("k6/")) return resolve_built_in(specifier);
  // What k6's modules are made of, and nobody else may touch.
  if (specifier.starts_with("gantry:") && std::ranges::binary_search(built_in_, importer))
    return resolve_built_in(specifier);
  if (const std::string module = library_module(specifier); std::ranges::binary_search(built_in_, module))
    return ModuleName{ModuleName::Kind::built_in, module};
  if (is_url(specifier))
    return input_error(fmt::format("{} cannot be imported: nothing is fetched while a script is loaded", specifier), {},
                       "keep a copy beside the script and import that");
  if (specifier.starts_with("file://")) specifier.remove_prefix(std::string_view("file://").size());
  const bool is_path = specifier.starts_with("./") || specifier.starts_with("../") || specifier.starts_with('/');
  if (!is_path)
    return input_error(fmt::format("{} names neither a module of k6 nor a file", specifier), {},
                       fmt::format("write ./{} for a file beside the script", specifier));
  return ModuleName{ModuleName::Kind::file, TRY(base::join_path(base::directory_of(importer), specifier))};
}

Result<std::string_view> ModuleSources::read(const std::string& path) {
  if (const auto known = texts_.find(path); known != texts_.end()) return known->second;
  std::string text = TRY(files_.read(path));
  return texts_.emplace(path, std::move(text)).first->second;
}

}  // namespace gantry::load
