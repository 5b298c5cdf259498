#include "load/options/segment.h"

#include "base/text.h"
#include "load/options/fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <utility>

namespace gantry::load {

namespace {

using base::Node;
using base::Result;

// Products of two of them fit 64 bits.
constexpr std::int64_t kDenominatorMax = 1'000'000'000;
constexpr std::size_t kDigitsMax = 9;  // behind the point
// Places of a stripe take 8 bytes each.
constexpr std::int64_t kCycleMax = 1'000'000;
constexpr std::string_view kHelp = "write parts of 1: 0:1/3, 10%:20%, 0.5:0.75";

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Fraction reduced(std::int64_t numerator, std::int64_t denominator) {
  const std::int64_t divisor = std::gcd(numerator, denominator);
  return divisor == 0 ? Fraction{} : Fraction{numerator / divisor, denominator / divisor};
}

std::optional<Fraction> read_decimal(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) {
    const auto whole = whole_number(text);
    return whole ? std::optional(Fraction{*whole, 1}) : std::nullopt;
  }
  const std::string_view behind = text.substr(point + 1);
  if (behind.size() > kDigitsMax) return Fraction{0, kDenominatorMax + 1};  // refused as too fine
  const auto digits = whole_number(std::string(text.substr(0, point)) + std::string(behind));
  std::int64_t denominator = 1;
  for (std::size_t i = 0; i < behind.size(); ++i) denominator *= 10;
  return digits ? std::optional(reduced(*digits, denominator)) : std::nullopt;
}

std::optional<Fraction> read_fraction(std::string_view text) {
  if (text.ends_with('%')) {
    const auto percent = whole_number(text.substr(0, text.size() - 1));
    return percent ? std::optional(reduced(*percent, 100)) : std::nullopt;
  }
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return read_decimal(text);
  const auto above = whole_number(text.substr(0, slash));
  const auto below = whole_number(text.substr(slash + 1));
  return above && below && *below > 0 ? std::optional(reduced(*above, *below)) : std::nullopt;
}

Result<Fraction> parse_fraction(std::string_view text) {
  const std::optional<Fraction> read = read_fraction(text);
  if (!read)
    return base::input_error(fmt::format("'{}' is not a valid percentage, decimal, fraction or interval value", text),
                             {}, std::string(kHelp));
  if (read->denominator > kDenominatorMax)
    return base::input_error(fmt::format("'{}' is finer than a part in {}", text, kDenominatorMax), {},
                             std::string(kHelp));
  if (read->numerator < 0 || read->numerator > read->denominator)
    return base::input_error(fmt::format("'{}' is not between 0 and 1", text), {}, std::string(kHelp));
  return *read;
}

bool is_less(const Fraction& a, const Fraction& b) { return a.numerator * b.denominator < b.numerator * a.denominator; }

Fraction length_of(const Segment& segment) {
  const auto& [from, to] = segment;
  return reduced(to.numerator * from.denominator - from.numerator * to.denominator, to.denominator * from.denominator);
}

Result<Segment> make_segment(const Fraction& from, const Fraction& to) {
  const Segment segment{from, to};
  if (is_less(from, to)) return segment;
  return base::input_error(fmt::format("segment {}: it ends where it begins or before", to_string(segment)), {},
                           std::string(kHelp));
}

std::string to_text(const Fraction& fraction) {
  return fraction.denominator == 1 ? fmt::to_string(fraction.numerator)
                                   : fmt::format("{}/{}", fraction.numerator, fraction.denominator);
}

// Things are given out one after the other: each to the heaviest part that has not had its share of those before. So that the parts
// with most, which have the least choice, are spread evenly.
std::vector<Stripe> deal_places(const std::vector<std::int64_t>& weights, std::int64_t cycle) {
  if (weights.size() == 1) return {Stripe()};
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t i) { return weights[i]; });
  __extension__ using Wide = __int128;
  std::vector<std::vector<std::int64_t>> places(weights.size());
  for (std::int64_t place = 0; place < cycle; ++place) {
    const auto is_due = [&](std::size_t part) {
      return Wide{place} * weights[part] >= Wide{std::ssize(places[part])} * cycle;
    };
    if (const auto part = std::ranges::find_if(order, is_due); part != order.end()) places[*part].push_back(place);
  }
  std::vector<Stripe> stripes;
  for (std::vector<std::int64_t>& each : places) stripes.emplace_back(std::move(each), cycle);
  return stripes;
}

struct Dealer {
  const Deal& deal;
  Scenario& scenario;

  std::int64_t scale(std::int64_t vus) const { return deal.stripe().scale(vus); }
  // Iterations are dealt as the VUs are that they need.
  bool follow(std::int64_t vus) const {
    const std::optional<Deal> among = deal.among(vus);
    if (among) scenario.part = among->stripe();
    return among.has_value();
  }

  bool operator()(ConstantVus& plan) const {
    plan.vus = scale(plan.vus);
    return plan.vus > 0;
  }
  bool operator()(RampingVus& plan) const { return VuRamp(plan.start_vus, plan.stages, deal.stripe()).most_vus() > 0; }
  bool operator()(SharedIterations& plan) const {
    const bool has_part = follow(plan.vus);
    plan.vus = scale(plan.vus);
    plan.iterations = has_part ? scenario.part.scale(plan.iterations) : 0;
    return plan.vus > 0 && plan.iterations > 0;
  }
  bool operator()(PerVuIterations& plan) const {
    plan.vus = scale(plan.vus);
    return plan.vus > 0;
  }
  bool operator()(ConstantArrivalRate& plan) const { return take_arrivals(plan); }
  bool operator()(RampingArrivalRate& plan) const { return take_arrivals(plan); }

  bool take_arrivals(auto& plan) const {
    const bool has_part = follow(plan.max_vus);
    plan.pre_allocated_vus = scale(plan.pre_allocated_vus);
    plan.max_vus = scale(plan.max_vus);
    return has_part && plan.max_vus > 0;
  }
};

}  // namespace

Result<Segment> parse_segment(std::string_view text) {
  const std::size_t colon = text.find(':');
  Fraction from;
  if (colon != std::string_view::npos) {
    from = TRY(parse_fraction(text.substr(0, colon)));
    text.remove_prefix(colon + 1);
  } else if (text.empty()) {
    text = "1";
  }
  const Fraction to = TRY(parse_fraction(text));
  return make_segment(from, to);
}

Result<std::vector<Segment>> parse_segment_sequence(std::string_view text) {
  const std::vector<std::string_view> points = base::split(text, ',');
  if (points.size() < 2)
    return base::input_error(
        fmt::format("at least 2 points are needed for an execution segment sequence, {} given", points.size()), {},
        "write where the parts begin and end: 0,1/3,2/3,1");
  std::vector<Segment> sequence;
  Fraction start = TRY(parse_fraction(points.front()));
  for (const std::string_view point : std::span(points).subspan(1)) {
    const Fraction end = TRY(parse_fraction(point));
    sequence.push_back(TRY(make_segment(start, end)));
    start = sequence.back().to;
  }
  return sequence;
}

std::string to_string(const Segment& segment) {
  return fmt::format("{}:{}", to_text(segment.from), to_text(segment.to));
}

std::string to_string(const std::vector<Segment>& sequence) {
  std::vector<std::string> points = {to_text(sequence.front().from)};
  for (const Segment& segment : sequence) points.push_back(to_text(segment.to));
  return fmt::format("{}", fmt::join(points, ","));
}

Result<Deal> Deal::create(const Segment& ours, std::vector<Segment> sequence) {
  if (sequence.empty()) sequence = {ours};
  constexpr Fraction kNone{0, 1};
  constexpr Fraction kAll{1, 1};
  if (std::ranges::find(sequence, ours) == sequence.end())
    return base::input_error(
        fmt::format("provided segment {} can't be found in sequence {}", to_string(ours), to_string(sequence)), {},
        "take two neighbours of the sequence");
  if (sequence.front().from != kNone) sequence.insert(sequence.begin(), {kNone, sequence.front().from});
  if (sequence.back().to != kAll) sequence.push_back({sequence.back().to, kAll});
  std::int64_t cycle = 1;
  for (const Segment& segment : sequence) {
    __extension__ using Wide = __int128;
    const std::int64_t denominator = length_of(segment).denominator;
    const Wide common = Wide{cycle / std::gcd(cycle, denominator)} * denominator;
    if (common > kCycleMax)
      return base::input_error(
          fmt::format("the parts of sequence {} have no common denominator up to {}", to_string(sequence), kCycleMax),
          {}, "take parts that are alike: 0,1/3,2/3,1");
    cycle = static_cast<std::int64_t>(common);
  }
  std::vector<std::int64_t> weights;
  for (const Segment& segment : sequence) {
    const Fraction length = length_of(segment);
    weights.push_back(length.numerator * (cycle / length.denominator));
  }
  const auto index = std::ranges::find(sequence, ours) - sequence.begin();
  return Deal(std::move(weights), static_cast<std::size_t>(index));
}

Deal::Deal(std::vector<std::int64_t> weights, std::size_t ours) : weights_(std::move(weights)), ours_(ours) {
  std::int64_t divisor = 0;
  for (const std::int64_t weight : weights_) divisor = std::gcd(divisor, weight);
  for (std::int64_t& weight : weights_) weight /= divisor;
  cycle_ = std::accumulate(weights_.begin(), weights_.end(), std::int64_t{0});
  stripes_ = deal_places(weights_, cycle_);
}

std::optional<Deal> Deal::among(std::int64_t value) const {
  if (value < 1 || stripe().scale(value) == 0) return std::nullopt;
  if (value % cycle_ == 0) return *this;
  std::vector<std::int64_t> weights;
  std::size_t ours = 0;
  for (std::size_t part = 0; part < weights_.size(); ++part) {
    if (part == ours_) ours = weights.size();
    if (const std::int64_t weight = stripes_[part].scale(value); weight > 0) weights.push_back(weight);
  }
  return Deal(std::move(weights), ours);
}

Gaps find_gaps(std::vector<Segment> parts) {
  std::ranges::sort(parts, is_less, &Segment::from);
  parts.push_back({{1, 1}, {1, 1}});  // the end
  Gaps gaps;
  Fraction at{0, 1};
  for (const Segment& part : parts) {
    if (is_less(at, part.from))
      gaps.missing.push_back(fmt::format("the segment {} of the load is missing", to_string({at, part.from})));
    if (is_less(part.from, at))
      gaps.twice.push_back(fmt::format("the segment {} of the load is there twice",
                                       to_string({part.from, is_less(part.to, at) ? part.to : at})));
    if (is_less(at, part.to)) at = part.to;
  }
  return gaps;
}

Result<Deal> read_deal(const Node& options) {
  const OptionFields fields(options, "options");
  if (!fields.has("executionSegment") && !fields.has("executionSegmentSequence")) return Deal();
  const std::string segment = TRY(fields.text("executionSegment", ""));
  const Segment ours = TRY(parse_segment(segment));
  const std::string sequence = TRY(fields.text("executionSegmentSequence", ""));
  return Deal::create(ours, sequence.empty() ? std::vector<Segment>() : TRY(parse_segment_sequence(sequence)));
}

Node normalize_segments(Node options) {
  if (const Node* given = options.get("executionSegment"); given && given->is_string())
    if (const auto segment = parse_segment(given->string())) options.set("executionSegment", to_string(*segment));
  if (const Node* given = options.get("executionSegmentSequence"); given && given->is_string())
    if (const auto sequence = parse_segment_sequence(given->string()))
      options.set("executionSegmentSequence", to_string(*sequence));
  return options;
}

std::vector<Scenario> deal_scenarios(std::vector<Scenario> scenarios, const Deal& deal) {
  std::vector<Scenario> dealt;
  for (Scenario& scenario : scenarios) {
    scenario.part = deal.stripe();
    if (std::visit(Dealer{deal, scenario}, scenario.plan)) dealt.push_back(std::move(scenario));
  }
  return dealt;
}

}  // namespace gantry::load
