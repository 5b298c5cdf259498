// Options that are written in one way and mean another, as k6 2.2.0 reads them.

#include "load/options/normalized.h"

#include "base/json.h"

#include <gtest/gtest.h>

#include <string_view>

namespace gantry::load {
namespace {

struct Case {
  std::string_view written;
  std::string_view meant;
};
constexpr Case kCases[] = {
    {R"({"vus":"10","iterations":"+20"})", R"({"vus":10,"iterations":20})"},
    {R"({"vus":" 1"})", R"({"vus":" 1"})"},
    {R"({"vus":"1.0","batch":"1e1","rps":"x"})", R"({"vus":"1.0","batch":"1e1","rps":"x"})"},
    {R"({"maxRedirects":"-1","rps":"+-1"})", R"({"maxRedirects":-1,"rps":"+-1"})"},
    {R"({"vus":"","duration":""})", R"({"duration":""})"},
    {R"({"VUs":1,"IterationS":2,"mine":"3"})", R"({"vus":1,"iterations":2,"mine":"3"})"},
    {R"({"vus":1,"VUS":2})", R"({"vus":2})"},
    {R"({"userAgent":"5"})", R"({"userAgent":"5"})"},
    {R"({"stages":[{"Target":"5","duration":"1s","name":"up"},null,7]})",
     R"({"stages":[{"target":5,"duration":"1s"},7]})"},
    {R"({"stages":[{"target":1},null,{"duration":null},{"duration":"1s"}]})", R"({"stages":[{"duration":"1s"}]})"},
    {R"({"scenarios":{"A":{"Executor":"x","preAllocatedVus":"5","maxvus":6,"rate":"7","mine":"8"},"b":null}})",
     R"({"scenarios":{"A":{"executor":"x","preAllocatedVUs":5,"maxVUs":6,"rate":7,"mine":"8"},"b":null}})"},
    {R"({"scenarios":{"a":{"startVus":"1","stages":[{"target":"2","mine":"3"}]}}})",
     R"({"scenarios":{"a":{"startVUs":1,"stages":[{"target":2,"mine":"3"}]}}})"},
    {R"({"tags":{"a":null,"b":1},"scenarios":{"a":{"env":{"c":null},"tags":null}}})",
     R"({"tags":{"a":"","b":1},"scenarios":{"a":{"env":{"c":""},"tags":null}}})"},
    {"null", "null"},
    {"[1]", "[1]"},
};

TEST(NormalizedOptions, AreWhatIsMeant) {
  for (const Case& c : kCases)
    EXPECT_EQ(base::dump_json(normalize_options(*base::load_json(c.written, "options"))), c.meant) << c.written;
}

}  // namespace
}  // namespace gantry::load
