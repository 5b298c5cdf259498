#include "load/options/segment.h"

#include "load/executors/arrivals.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

namespace gantry::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Text {
  std::string_view text;
  std::string_view read;  // or the error
};

std::string read_segment(std::string_view text) {
  const auto segment = parse_segment(text);
  return segment ? to_string(*segment) : segment.error().message;
}

std::string read_sequence(std::string_view text) {
  const auto sequence = parse_segment_sequence(text);
  return sequence ? to_string(*sequence) : sequence.error().message;
}

// k6 reference, §6.5.
constexpr Text kSegments[] = {
    {"", "0:1"},
    {"1/3", "0:1/3"},
    {"20%", "0:1/5"},
    {"0.2", "0:1/5"},
    {"2/4:75%", "1/2:3/4"},
    {"0.5:0.75", "1/2:3/4"},
    {"0:1", "0:1"},
    {"half", "'half' is not a valid percentage, decimal, fraction or interval value"},
    {"1/0", "'1/0' is not a valid percentage, decimal, fraction or interval value"},
    {"0.5%", "'0.5%' is not a valid percentage, decimal, fraction or interval value"},
    {"0:", "'' is not a valid percentage, decimal, fraction or interval value"},
    {"-1/2:1", "'-1/2' is not between 0 and 1"},
    {"0:3/2", "'3/2' is not between 0 and 1"},
    {"1/2:1/2", "segment 1/2:1/2: it ends where it begins or before"},
    {"0.3333333333:1", "'0.3333333333' is finer than a part in 1000000000"},
    {"1/99999999999", "'1/99999999999' is finer than a part in 1000000000"},
    {"99999999999999999999", "'99999999999999999999' is not a valid percentage, decimal, fraction or interval value"}};

constexpr Text kSequences[] = {{"0,1/3,2/3,1", "0,1/3,2/3,1"},
                               {"20%,0.5,1", "1/5,1/2,1"},
                               {"1", "at least 2 points are needed for an execution segment sequence, 1 given"},
                               {"0,1/2,1/3", "segment 1/2:1/3: it ends where it begins or before"}};

TEST(Segment, IsReadAsK6ReadsIt) {
  for (const Text& c : kSegments) EXPECT_EQ(read_segment(c.text), c.read) << c.text;
  for (const Text& c : kSequences) EXPECT_EQ(read_sequence(c.text), c.read) << c.text;
}

Deal deal_of(std::string_view segment, std::string_view sequence) {
  return *Deal::create(*parse_segment(segment),
                       sequence.empty() ? std::vector<Segment>() : *parse_segment_sequence(sequence));
}

std::string numbers(const Stripe& stripe, int many) {
  std::vector<std::int64_t> all;
  for (int own = 0; own < many; ++own) all.push_back(stripe.nth(own));
  return fmt::format("{}", fmt::join(all, " "));
}

TEST(Deal, GivesTheHeaviestPartsTheirEvenShareFirst) {
  constexpr std::string_view kParts = "0,1/2,3/4,1";
  EXPECT_EQ(numbers(deal_of("0:1/2", kParts).stripe(), 4), "0 2 4 6");
  EXPECT_EQ(numbers(deal_of("1/2:3/4", kParts).stripe(), 3), "1 5 9");
  EXPECT_EQ(numbers(deal_of("3/4:1", kParts).stripe(), 3), "3 7 11");
  // What nobody named lies around a part.
  EXPECT_EQ(numbers(deal_of("1/3:1/2", "").stripe(), 3), "5 11 17");
  EXPECT_DOUBLE_EQ(deal_of("1/3:1/2", "").stripe().share(), 1.0 / 6);
}

TEST(Deal, FollowsTheVus) {
  const Deal third = deal_of("0:1/3", "0,1/3,2/3,1");
  // Four VUs are dealt 2, 1, 1: so are their iterations, of which half are the first part's.
  EXPECT_EQ(third.stripe().scale(4), 2);
  EXPECT_EQ(third.among(4)->stripe().scale(100), 50);
  EXPECT_EQ(deal_of("2/3:1", "0,1/3,2/3,1").among(2), std::nullopt);
}

TEST(Deal, RefusesWhatIsNoPart) {
  const auto other = Deal::create(*parse_segment("0:1/2"), *parse_segment_sequence("0,1/3,1"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().message, "provided segment 0:1/2 can't be found in sequence 0,1/3,1");
  const auto odd = Deal::create(*parse_segment("0:1/999999937"), {});
  ASSERT_FALSE(odd);
  EXPECT_NE(odd.error().message.find("no common denominator up to 1000000"), std::string::npos) << odd.error().message;
}

// A random whole, and all its parts.
struct World {
  explicit World(unsigned seed) : random(seed) {}

  std::int64_t pick(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random);
  }

  std::vector<Deal> deals() {
    const std::int64_t whole = pick(1, 24);
    std::vector<std::int64_t> points = {0, whole};
    for (std::int64_t cuts = pick(0, 5); cuts > 0; --cuts) points.push_back(pick(0, whole));
    std::ranges::sort(points);
    points.erase(std::unique(points.begin(), points.end()), points.end());
    std::string text;
    for (const std::int64_t point : points) text += fmt::format("{}{}/{}", text.empty() ? "" : ",", point, whole);
    const std::vector<Segment> sequence = *parse_segment_sequence(text);
    std::vector<Deal> all;
    for (const Segment& segment : sequence) all.push_back(*Deal::create(segment, sequence));
    return all;
  }

  Scenario scenario() {
    std::vector<RateStage> rates;
    std::vector<VuStage> vus;
    for (std::int64_t stages = pick(1, 4); stages > 0; --stages) {
      rates.push_back({milliseconds(pick(0, 3000)), pick(0, 20)});
      vus.push_back({milliseconds(pick(0, 3000)), pick(0, 20)});
    }
    const std::int64_t many = pick(1, 30);
    const ExecutorPlan plans[] = {
        ConstantVus{.vus = many, .duration = seconds(1)},
        RampingVus{.start_vus = pick(0, 9), .stages = vus},
        SharedIterations{.vus = many, .iterations = many + pick(0, 99)},
        PerVuIterations{.vus = many, .iterations = pick(1, 5)},
        ConstantArrivalRate{
            .rate = pick(1, 30), .duration = seconds(2), .pre_allocated_vus = pick(0, many), .max_vus = many},
        RampingArrivalRate{
            .start_rate = pick(0, 9), .stages = rates, .pre_allocated_vus = pick(0, many), .max_vus = many}};
    return {.plan = plans[pick(0, 5)]};
  }

  std::mt19937 random;
};

// What a scenario does, so that it can be counted: VUs at each moment at which they change, when which iteration is due.
struct Schedule {
  std::int64_t first_vus = 0;
  std::int64_t most_vus = 0;
  std::int64_t iterations = 0;
  std::multimap<Duration, std::int64_t> due = {};  // and the iteration's number
  std::map<Duration, std::int64_t> changes = {};   // of the number of VUs
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

Schedule schedule_of(const Scenario& scenario) {
  Schedule schedule{.first_vus = first_vus(scenario), .most_vus = most_vus(scenario)};
  const auto play = [&](Arrivals arrivals) {
    for (std::int64_t own = 0; const std::optional<Duration> due = arrivals.next(); ++own)
      schedule.due.emplace(*due, scenario.part.nth(own));
  };
  if (const auto* p = std::get_if<SharedIterations>(&scenario.plan)) schedule.iterations = p->iterations;
  if (const auto* p = std::get_if<PerVuIterations>(&scenario.plan)) schedule.iterations = p->vus * p->iterations;
  if (const auto* p = std::get_if<ConstantArrivalRate>(&scenario.plan))
    play(Arrivals::constant({p->rate, p->time_unit, p->duration}, scenario.part));
  if (const auto* p = std::get_if<RampingArrivalRate>(&scenario.plan))
    play(Arrivals::ramping({p->start_rate, p->time_unit, p->stages}, scenario.part));
  if (const auto* p = std::get_if<RampingVus>(&scenario.plan)) {
    VuRamp ramp(p->start_vus, p->stages, scenario.part);
    std::int64_t before = 0;
    while (const std::optional<VuStep> step = ramp.next()) {
      schedule.changes[step->at] += step->vus - before;
      before = step->vus;
    }
    std::erase_if(schedule.changes, [](const auto& change) { return change.second == 0; });
  }
  return schedule;
}

void add(Schedule& all, const Schedule& part) {
  all.first_vus += part.first_vus;
  all.most_vus += part.most_vus;
  all.iterations += part.iterations;
  all.due.insert(part.due.begin(), part.due.end());
  for (const auto& [at, change] : part.changes)
    if ((all.changes[at] += change) == 0) all.changes.erase(at);
}

TEST(Deal, IsTheWholePlanAgain) {
  constexpr unsigned kWorlds = 2000;
  for (unsigned seed = 1; seed <= kWorlds; ++seed) {
    World world(seed);
    const std::vector<Deal> deals = world.deals();
    const Scenario whole = world.scenario();
    Schedule parts;
    for (const Deal& deal : deals)
      for (const Scenario& scenario : deal_scenarios({whole}, deal)) add(parts, schedule_of(scenario));
    const Schedule wanted = schedule_of(whole);
    ASSERT_EQ(parts.most_vus, wanted.most_vus) << "seed " << seed;
    ASSERT_EQ(parts, wanted) << "seed " << seed << ", " << executor_name(whole.plan) << " in " << deals.size();
  }
}

}  // namespace
}  // namespace gantry::load
