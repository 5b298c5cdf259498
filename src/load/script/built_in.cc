#include "load/script/built_in.h"

#include "load/vu/natives.h"
#include "load/vu/web_sockets.h"

#include <gantry_load_modules.h>  // the texts of modules/*.js, written by CMakeLists.txt

#include <array>

namespace gantry::load {

namespace {

// The name that k6/websockets had before k6 1.6.
constexpr std::string_view kOldWebSockets = "export * from 'k6/websockets'; export { default } from 'k6/websockets';";

constexpr std::array<BuiltInModule, 40> kModules = {{
    {.name = "gantry:bytes", .source = module_texts::bytes},
    {.name = "gantry:chai", .source = module_texts::chai},
    {.name = "gantry:cookies", .source = module_texts::cookies},
    {.name = "gantry:credentials", .source = module_texts::credentials},
    {.name = "gantry:expect", .source = module_texts::expect},
    {.name = "gantry:formdata", .source = module_texts::formdata},
    {.name = "gantry:freeze", .source = module_texts::freeze},
    {.name = "gantry:gjson", .source = module_texts::gjson},
    {.name = "gantry:hops", .source = module_texts::hops},
    {.name = "gantry:html-element", .source = module_texts::html_element},
    {.name = "gantry:html-parser", .source = module_texts::html_parser},
    {.name = "gantry:html-response", .source = module_texts::html_response},
    {.name = "gantry:httpx", .source = module_texts::httpx},
    {.name = "gantry:k6-summary", .source = module_texts::k6_summary},
    {.name = "gantry:k6-utils", .source = module_texts::k6_utils},
    {.name = "gantry:loop", .source = module_texts::loop},
    {.name = "gantry:multipart", .source = module_texts::multipart},
    {.name = "gantry:others", .source = module_texts::others},
    {.name = "gantry:papaparse", .source = module_texts::papaparse},
    {.name = "gantry:prelude", .source = module_texts::prelude},
    {.name = "gantry:sockets", .install = install_websocket_natives},
    {.name = "gantry:url", .source = module_texts::url},
    {.name = "gantry:vu", .install = install_vu_natives},
    {.name = "gantry:websocket", .source = module_texts::websocket},
    {.name = "k6", .source = module_texts::k6},
    {.name = "k6/crypto", .source = module_texts::crypto},
    {.name = "k6/data", .source = module_texts::data},
    {.name = "k6/encoding", .source = module_texts::encoding},
    {.name = "k6/execution", .source = module_texts::execution},
    {.name = "k6/experimental/csv", .source = module_texts::csv},
    {.name = "k6/experimental/fs", .source = module_texts::fs},
    {.name = "k6/experimental/streams", .source = module_texts::streams},
    {.name = "k6/experimental/websockets", .source = kOldWebSockets},
    {.name = "k6/html", .source = module_texts::html},
    {.name = "k6/http", .source = module_texts::http},
    {.name = "k6/metrics", .source = module_texts::metrics},
    {.name = "k6/secrets", .source = module_texts::secrets},
    {.name = "k6/timers", .source = module_texts::timers},
    {.name = "k6/websockets", .source = module_texts::websockets},
    {.name = "k6/ws", .source = module_texts::ws},
}};

}  // namespace

std::vector<std::string_view> names_of(std::span<const BuiltInModule> modules) {
  std::vector<std::string_view> names;
  for (const BuiltInModule& module : modules) names.push_back(module.name);
  return names;
}

std::span<const BuiltInModule> k6_modules() { return kModules; }

}  // namespace gantry::load
