#include "muster/muster.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gantry::muster {
namespace {

struct Case {
  std::string_view text;
  std::string_view read;  // or the error
};

constexpr Case kCases[] = {
    {"nats://nats:4222/evening", "nats://nats:4222 evening"},
    {"nats://nats/a_B-9", "nats://nats a_B-9"},
    {"nats://user:secret@nats:4222/x", "nats://nats:4222 x"},
    {"http://nats/x", "http://nats/x is no place to meet: it does not begin with nats://"},
    {"nats:///x", "nats:///x is no place to meet: the host is missing"},
    {"nats://nats:4222", "nats://nats:4222 is no place to meet: the name behind the host is missing"},
    {"nats://nats:4222/", "nats://nats:4222/ is no place to meet: the name behind the host is missing"},
    {"nats://nats/a.b", "nats://nats/a.b is no place to meet: its name is not of letters, digits, - and _ alone"},
    {"nats://nats/>", "nats://nats/> is no place to meet: its name is not of letters, digits, - and _ alone"},
    // A password is never shown.
    {"nats://user:secret@nats/", "that is no place to meet: the name behind the host is missing"}};

TEST(Place, IsAServerAndAName) {
  for (const Case& c : kCases) {
    const base::Result<Place> place = parse_place(c.text);
    EXPECT_EQ(place ? fmt::format("{} {}", place->shown(), place->name) : place.error().message, c.read) << c.text;
  }
}

}  // namespace
}  // namespace gantry::muster
