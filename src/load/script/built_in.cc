#include "load/script/built_in.h"

#include "load/vu/natives.h"

#include <gantry_load_modules.h>  // the texts of modules/*.js, written by CMakeLists.txt

#include <array>

namespace gantry::load {

namespace {

constexpr std::array<BuiltInModule, 6> kModules = {{{.name = "gantry:cookies", .source = module_texts::cookies},
                                                    {.name = "gantry:prelude", .source = module_texts::prelude},
                                                    {.name = "gantry:vu", .install = install_vu_natives},
                                                    {.name = "k6", .source = module_texts::k6},
                                                    {.name = "k6/http", .source = module_texts::http},
                                                    {.name = "k6/metrics", .source = module_texts::metrics}}};

}  // namespace

std::vector<std::string_view> names_of(std::span<const BuiltInModule> modules) {
  std::vector<std::string_view> names;
  for (const BuiltInModule& module : modules) names.push_back(module.name);
  return names;
}

std::span<const BuiltInModule> k6_modules() { return kModules; }

}  // namespace gantry::load
