#include "load/script/remote_modules.h"

#include "base/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::load {

using base::input_error;
using base::Result;

namespace {

constexpr std::string_view kScheme = "https://";

// Those at jslib.k6.io that come with the program, by the name in their URL.
struct Library {
  std::string_view name;
  std::string_view module;
};
constexpr std::array<Library, 8> kLibraries = {{{"formdata", "gantry:formdata"},
                                                {"httpx", "gantry:httpx"},
                                                {"k6-summary", "gantry:k6-summary"},
                                                {"k6-testing", "gantry:expect"},
                                                {"k6-utils", "gantry:k6-utils"},
                                                {"k6chaijs", "gantry:chai"},
                                                {"papaparse", "gantry:papaparse"},
                                                {"url", "gantry:url"}}};

bool is_host(std::string_view host) {
  return !host.empty() && host.front() != '.' && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == ':';
  });
}

}  // namespace

bool is_url(std::string_view specifier) { return specifier.contains("://") && !specifier.starts_with("file://"); }

Result<std::string> vendored_path(std::string_view url) {
  const std::string_view whole = url;
  if (!url.starts_with(kScheme))
    return input_error(fmt::format("{} cannot be imported: only https and file are schemes of modules", whole), {},
                       "keep a copy beside the script and import that");
  url = url.substr(0, url.find('#'));
  url.remove_prefix(kScheme.size());
  const std::string_view host = url.substr(0, url.find_first_of("/?"));
  if (!is_host(host)) return input_error(fmt::format("{} cannot be imported: it names no host", whole));
  url.remove_prefix(host.size());
  const std::size_t question = std::min(url.find('?'), url.size());
  std::string path(url.substr(0, question));
  if (path.empty() || path.ends_with('/')) path += "index.js";
  // k6 asks with this query, and servers that do not know it answer as without.
  std::string query(url.substr(question));
  if (query == "?_k6=1") query.clear();
  std::ranges::replace(query, '/', '_');
  return TRY(base::join_path(host, path.substr(path.find_first_not_of('/')))) + query;
}

Result<std::string> resolve_url(std::string_view reference, std::string_view base) {
  if (is_url(reference)) return std::string(reference);
  if (reference.starts_with("//")) return fmt::format("https:{}", reference);
  const std::size_t slash = std::min(base.find('/', kScheme.size()), base.size());
  const std::string_view host = base.substr(0, slash);
  if (reference.starts_with('/')) return fmt::format("{}{}", host, reference);
  const std::string_view path = base.substr(std::min(slash + 1, base.size()));
  const std::string_view folder = base::directory_of(path.substr(0, path.find('?')));
  return fmt::format("{}/{}", host, TRY(base::join_path(folder, reference)));
}

std::string_view library_module(std::string_view url) {
  constexpr std::string_view kHost = "https://jslib.k6.io/";
  if (!url.starts_with(kHost)) return {};
  url.remove_prefix(kHost.size());
  const auto library = std::ranges::find(kLibraries, url.substr(0, url.find('/')), &Library::name);
  return library == kLibraries.end() ? std::string_view() : library->module;
}

}  // namespace gantry::load
