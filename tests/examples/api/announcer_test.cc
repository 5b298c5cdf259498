#include "api/announcer.h"

#include <gtest/gtest.h>

#include <set>

namespace kgents {
namespace {

struct Case {
  const char* type;
  const char* subject;
};
constexpr Case kCases[] = {
    {"session.created", "kgent.events.session.created"},
    {"billing.invoice.payment_failed", "kgent.events.billing.invoice.payment_failed"},
    // NATS: no empty tokens, no wildcards, no spaces.
    {"", "kgent.events._"},
    {"a..b", "kgent.events.a._b"},
    {".a", "kgent.events._a"},
    {"a.", "kgent.events.a._"},
    {"a.*.>", "kgent.events.a._._"},
    {"a b\r\n", "kgent.events.a_b__"},
};

TEST(Announcer, SubjectsOfTypes) {
  for (const Case& c : kCases) EXPECT_EQ(to_subject(c.type), c.subject) << c.type;
}

TEST(Announcer, IdsDiffer) {
  std::set<std::string> ids;
  for (int i = 0; i < 1'000; ++i) ids.insert(new_id());
  EXPECT_EQ(ids.size(), 1'000U);
  EXPECT_EQ(ids.begin()->size(), 32U);
}

TEST(Announcer, WithNobodyToTellNothingHappens) {
  const gantry::base::FixedClock clock(gantry::base::Timestamp{});
  const Announcer announcer(nullptr, nullptr, clock);
  announcer.announce({.id = "1", .type = "x", .tenant = {}, .request_id = {}});
  announcer.meter("x", "acme");
}

}  // namespace
}  // namespace kgents
