#include "netpol/stranger.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gantry::netpol {

using base::Result;
using kube::LabelSelector;
using kube::Match;
using kube::Requirement;

LabelSelector namespace_named(const std::string& name) {
  return LabelSelector({{std::string(kNamespaceNameLabel), kube::SelectorOperator::in, {name}}});
}

Home Home::existing(const kube::Namespace& name_space) {
  Home home;
  home.name_space_ = &name_space;
  home.labels_are_facts_ = name_space.defined;
  for (const auto& [key, value] : name_space.labels.known)
    home.labels_.add(Requirement{key, kube::SelectorOperator::in, {value}});
  return home;
}

Home Home::fresh(std::shared_ptr<const LabelBox::Values> names) {
  Home home;
  home.labels_.add(Requirement{std::string(kNamespaceNameLabel), kube::SelectorOperator::exists, {}});
  home.labels_.forbid(kNamespaceNameLabel, std::move(names));
  return home;
}

// One state of the search: a value, copied where cases part.
class StrangerSearch {
 public:
  explicit StrangerSearch(const Home& home) : home_(home), namespaces_(home.labels_) {}

  // False when no stranger is left.
  bool add(const Wish& wish);
  // Keeps the wishes that can still hold and are not yet ruled out; decides those that have one way left to fail. False when one
  // of them holds whatever the stranger is.
  bool settle(std::vector<const Wish*>& fails, StrangerBudget& budget);
  // Of the wishes the one with the fewest ways to fail, as those ways.
  struct Way {
    bool of_namespace = false;
    const Requirement* requirement = nullptr;
  };
  std::vector<Way> narrowest(const std::vector<const Wish*>& fails) const;
  bool add(const Way& way, bool holds);

  Match match(const Wish& wish) const;
  Stranger stranger() const;

 private:
  Match match(const Way& way) const;
  std::vector<Way> open_ways(const Wish& wish, Match& all) const;
  bool add_to_namespace(const Requirement& requirement);

  const Home& home_;
  LabelBox namespaces_;
  LabelBox pods_;
};

bool StrangerSearch::add_to_namespace(const Requirement& requirement) {
  if (home_.labels_are_facts_) return LabelSelector({requirement}).matches(home_.name_space_->labels.known);
  return namespaces_.add(requirement);
}

bool StrangerSearch::add(const Wish& wish) {
  return std::ranges::all_of(wish.namespaces.requirements(),
                             [this](const Requirement& r) { return add_to_namespace(r); }) &&
         pods_.add(wish.pods);
}

bool StrangerSearch::add(const Way& way, bool holds) {
  const Requirement requirement = holds ? *way.requirement : negated(*way.requirement);
  return way.of_namespace ? add_to_namespace(requirement) : pods_.add(requirement);
}

Match StrangerSearch::match(const Way& way) const {
  if (!way.of_namespace) return pods_.match(*way.requirement);
  if (!home_.labels_are_facts_) return namespaces_.match(*way.requirement);
  return LabelSelector({*way.requirement}).matches(home_.name_space_->labels.known) ? Match::yes : Match::no;
}

// The requirements that may hold or not; `all` says whether the wish does.
std::vector<StrangerSearch::Way> StrangerSearch::open_ways(const Wish& wish, Match& all) const {
  std::vector<Way> open;
  all = Match::yes;
  for (const bool of_namespace : {true, false})
    for (const Requirement& requirement : (of_namespace ? wish.namespaces : wish.pods).requirements()) {
      const Way way{.of_namespace = of_namespace, .requirement = &requirement};
      const Match one = match(way);
      if (one == Match::unknown) open.push_back(way);
      if (one == Match::no) {
        all = Match::no;
        return {};
      }
    }
  if (!open.empty()) all = Match::unknown;
  return open;
}

Match StrangerSearch::match(const Wish& wish) const {
  Match all = Match::yes;
  open_ways(wish, all);
  return all;
}

bool StrangerSearch::settle(std::vector<const Wish*>& fails, StrangerBudget& budget) {
  for (bool changed = true; changed;) {
    changed = false;
    budget.steps += fails.size() + 1;
    std::vector<const Wish*> rest;
    for (const Wish* wish : fails) {
      Match all = Match::yes;
      const std::vector<Way> open = open_ways(*wish, all);
      if (all == Match::no) continue;
      if (all == Match::yes) return false;
      if (open.size() > 1) {
        rest.push_back(wish);
        continue;
      }
      if (!add(open.front(), false)) return false;
      changed = true;
    }
    fails = std::move(rest);
  }
  return true;
}

std::vector<StrangerSearch::Way> StrangerSearch::narrowest(const std::vector<const Wish*>& fails) const {
  std::vector<Way> best;
  for (const Wish* wish : fails) {
    Match all = Match::yes;
    std::vector<Way> open = open_ways(*wish, all);
    if (best.empty() || open.size() < best.size()) best = std::move(open);
  }
  return best;
}

Stranger StrangerSearch::stranger() const {
  Stranger found;
  found.pod_labels = pods_.example();
  if (home_.labels_are_facts_) {
    found.namespace_labels = home_.name_space_->labels.known;
  } else {
    found.namespace_labels = namespaces_.example();
  }
  if (const std::string* name = found.namespace_labels.find(kNamespaceNameLabel)) found.name_space = *name;
  const std::string pods = fmt::format("any pod{}", pods_.text());
  if (home_.labels_are_facts_) {
    found.text = fmt::format("{} in namespace {}", pods, found.name_space);
    return found;
  }
  const bool is_named = !home_.name_space_ && namespaces_.lists(kNamespaceNameLabel);
  const std::string labels = namespaces_.text(is_named ? std::string_view() : kNamespaceNameLabel);
  const std::string where = home_.name_space_
                                ? fmt::format("in namespace {}, whose labels nobody knows", found.name_space)
                                : "in a namespace that is not among the manifests";
  found.text = fmt::format("{} {}{}{}", pods, where, labels.empty() ? "" : ",", labels);
  return found;
}

namespace {

class Solver {
 public:
  explicit Solver(StrangerBudget& budget) : budget_(budget) {}

  // `next_choice`: of the question's sets, those before it are decided.
  Result<std::optional<Stranger>> solve(StrangerSearch search, std::vector<const Wish*> fails,
                                        const StrangerQuestion& question, std::size_t next_choice) {
    if (budget_.steps > StrangerBudget::kStepsMax)
      return base::input_error("there are too many cases to decide who else could come", std::nullopt,
                               "split the claim, claim whole namespaces, or say `world: closed`");
    if (!search.settle(fails, budget_)) return std::nullopt;
    if (next_choice < question.one_of_each.size()) return choose(search, fails, question, next_choice);
    if (fails.empty()) return search.stranger();
    // Each case takes what the cases before it have left.
    for (const StrangerSearch::Way& way : search.narrowest(fails)) {
      StrangerSearch other = search;
      if (other.add(way, false)) {
        std::optional<Stranger> found = TRY(solve(std::move(other), fails, question, next_choice));
        if (found) return found;
      }
      if (!search.add(way, true)) return std::nullopt;
    }
    return std::nullopt;
  }

 private:
  Result<std::optional<Stranger>> choose(const StrangerSearch& search, const std::vector<const Wish*>& fails,
                                         const StrangerQuestion& question, std::size_t choice) {
    for (const Wish* wish : question.one_of_each[choice])
      if (search.match(*wish) == Match::yes) return solve(search, fails, question, choice + 1);
    for (const Wish* wish : question.one_of_each[choice]) {
      if (search.match(*wish) == Match::no) continue;
      StrangerSearch other = search;
      if (!other.add(*wish)) continue;
      std::optional<Stranger> found = TRY(solve(std::move(other), fails, question, choice + 1));
      if (found) return found;
    }
    return std::nullopt;
  }

  StrangerBudget& budget_;
};

}  // namespace

Result<std::optional<Stranger>> find_stranger(const Home& home, const StrangerQuestion& question,
                                              StrangerBudget& budget) {
  StrangerSearch search(home);
  for (const Wish* wish : question.holds)
    if (!search.add(*wish)) return std::nullopt;
  return Solver(budget).solve(std::move(search), question.fails, question, 0);
}

}  // namespace gantry::netpol
