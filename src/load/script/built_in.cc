#include "load/script/built_in.h"

#include "load/vu/natives.h"
#include "load/vu/web_sockets.h"

#include <gantry_load_modules.h>  // the texts of modules/*.js, written by CMakeLists.txt

#include <algorithm>
#include <array>

namespace gantry::load {

namespace {

// The name that k6/websockets had before k6 1.6.
constexpr std::string_view kOldWebSockets = "export * from 'k6/websockets'; export { default } from 'k6/websockets';";

// Those that are no text of modules/*.js.
constexpr std::array kOthers = {
    BuiltInModule{.name = "gantry:sockets", .make_exports = websocket_natives},
    BuiltInModule{.name = "gantry:vu", .make_exports = vu_natives},
    BuiltInModule{.name = "k6/experimental/websockets", .source = kOldWebSockets},
};

constexpr auto kModules = [] {
  std::array<BuiltInModule, kOthers.size() + module_texts::kModules.size()> all;
  auto* const behind = std::ranges::copy(kOthers, all.begin()).out;
  std::ranges::transform(module_texts::kModules, behind, [](const module_texts::Module& module) {
    return BuiltInModule{.name = module.name, .source = module.text};
  });
  std::ranges::sort(all, {}, &BuiltInModule::name);
  return all;
}();
static_assert(std::ranges::adjacent_find(kModules, {}, &BuiltInModule::name) == kModules.end(), "two of one name");

}  // namespace

std::vector<std::string_view> names_of(std::span<const BuiltInModule> modules) {
  std::vector<std::string_view> names;
  for (const BuiltInModule& module : modules) names.push_back(module.name);
  return names;
}

bool is_built_in(std::string_view name) {
  return name.starts_with("gantry:") || name == "k6" || (name.starts_with("k6/") && !name.contains('.'));
}

std::span<const BuiltInModule> k6_modules() { return kModules; }

}  // namespace gantry::load
