#include "load/script/assignments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace gantry::load {
namespace {

struct Case {
  std::string_view text;
  std::string_view paths;
};
constexpr Case kCases[] = {
    {"Array.prototype.map = f;", "Array.prototype.map"},
    {"Math.random=()=>4", "Math.random"},
    {"Array.prototype['map'] = f; Array[\"prototype\"].at = f", "Array.prototype.at Array.prototype.map"},
    {"Array.prototype.at ||= f; Array.prototype.at\n  = g; JSON.parse ?\?= f;", "Array.prototype.at JSON.parse"},
    {"globalThis.Date.now = f; global.Math = m;", "Date.now globalThis.Math"},
    {"const Math = {}; let Array = 1;", ""},
    {"if (Math.random == f || Math.random === f || Math.max != f || Math.abs <= 1) g((Math) => Math.floor)", ""},
    {"this.value = 1; node.next = 2; list.prototype.map = f; a.b = c", ""},
    {"const p = Array.prototype; p.map = f; p['at'] = g; p.at(1) == 2", "Array.prototype.at Array.prototype.map"},
    {"let list = Array\nlist.prototype.map = f; list = []; list.at = g", "Array.prototype.map"},
    {"const m = globalThis.Math; m.random = f", "Math.random"},
    {"const n = Array.prototype.slice.call(x); n.map = f; const o = new Array; o.at = g; p.map = h", ""},
    {"const p=Array.prototype,q=1;p.map=f", ""},      // made short, where p may be another one by now
    {"Mine.prototype.go = f;", "Mine.prototype.go"},  // of no interest, and harmless
    {"= = == =", ""},
    {"=", ""},
};

TEST(Assignments, ToMembersOfTheLanguageAreFound) {
  for (const Case& each : kCases) {
    std::set<std::string, std::less<>> found;
    find_assigned_members(each.text, found);
    EXPECT_EQ(fmt::format("{}", fmt::join(found, " ")), each.paths) << each.text;
  }
}

TEST(Assignments, AreNotAllThatChangesTheLanguage) {
  for (const std::string_view text :
       {"const { prototype: p } = Array; p.map = f", "Object.defineProperty(JSON, 'parse', d)", "[].__proto__.map = f",
        "Object.getPrototypeOf([]).map = f", "Reflect.defineProperty(Math, 'min', d)"})
    EXPECT_TRUE(may_change_language(text)) << text;
  for (const std::string_view text : {"", "const map = [1].map((n) => n); export default () => map;"})
    EXPECT_FALSE(may_change_language(text)) << text;
}

// The search looks back a little from each sign, and no further.
TEST(Assignments, AreFoundInLongLines) {
  std::set<std::string, std::less<>> found;
  find_assigned_members(std::string(100'000, 'A') + ".b=" + std::string(100'000, '='), found);
  EXPECT_LE(found.size(), 1U);
}

}  // namespace
}  // namespace gantry::load
