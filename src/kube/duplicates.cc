// One object written twice. `kubectl apply` of both in order ends as the later document says: its three-way merge removes what
// the first had and the second lacks, since the first is the last-applied configuration of the second. Only where the second
// touches a field that can't change is it refused, and the first stays (network policy reference, §10; disruption, T6).

#include "kube/immutable.h"
#include "kube/objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <unordered_map>

namespace gantry::kube {

namespace {

using base::Finding;
using base::Node;

constexpr std::size_t kPathsMax = 8;      // differing fields that one message names
constexpr std::size_t kPathDepthMax = 6;  // deeper differences are told by the map that holds them

// Paths of what differs, at most `kPathsMax` + 1 of them.
void collect_differences(const Node& a, const Node& b, const std::string& path, std::size_t depth,
                         std::vector<std::string>& paths) {
  if (paths.size() > kPathsMax || a == b) return;
  if (!a.is_map() || !b.is_map() || depth >= kPathDepthMax) {
    paths.push_back(path.empty() ? "everything" : path);
    return;
  }
  std::set<std::string_view> keys;
  for (const Node* map : {&a, &b}) {
    for (const Node::Member& member : map->map()) keys.insert(member.key);
  }
  for (const std::string_view key : keys) {
    const Node* left = a.get(key);
    const Node* right = b.get(key);
    const std::string below = path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
    if (left == nullptr || right == nullptr) {
      if (paths.size() <= kPathsMax) paths.push_back(below);
    } else {
      collect_differences(*left, *right, below, depth + 1, paths);
    }
  }
}

std::string describe_differences(const Draft& first, const Draft& second) {
  std::vector<std::string> paths;
  collect_differences(first.document, second.document, "", 0, paths);
  const bool more = paths.size() > kPathsMax;
  if (more) paths.resize(kPathsMax);
  return fmt::format("{}{}", fmt::join(paths, ", "), more ? " and more" : "");
}

Finding make_finding(const Draft& first, const Draft& second) {
  Finding finding;
  finding.object = to_string(first.object.id);
  finding.where = second.document.pos();
  finding.related.push_back({first.document.pos(), "first given here"});
  return finding;
}

Finding describe_repeated(const Draft& first, const Draft& second) {
  Finding finding = make_finding(first, second);
  finding.rule = "object.repeated";
  finding.severity = base::Severity::low;
  finding.message = fmt::format("{} is given twice, with the same content", finding.object);
  finding.fix = "remove one of the two";
  return finding;
}

Finding describe_replaced(const Draft& first, const Draft& second) {
  Finding finding = make_finding(first, second);
  finding.rule = "object.duplicate";
  finding.severity = base::Severity::high;
  finding.message = fmt::format("{} is given twice and differs in {}; the later one counts", finding.object,
                                describe_differences(first, second));
  finding.explanation =
      "Applied one after the other, the later one wins as a whole: what only the earlier one says is removed, labels "
      "that "
      "selectors rely on included. Applied in another order, or one of them alone, the cluster ends differently.";
  finding.fix = "keep one of the two and move what is missing into it";
  return finding;
}

Finding describe_refused(const Draft& first, const Draft& second, const std::string& field) {
  Finding finding = make_finding(first, second);
  finding.rule = "object.duplicate";
  finding.severity = base::Severity::high;
  finding.message = fmt::format("{} is given twice and differs in {}, which can't change; the earlier one counts",
                                finding.object, field);
  finding.explanation = "The API server refuses the second of the two when they are applied one after the other.";
  finding.fix = "keep one of the two";
  return finding;
}

struct IdentityHash {
  std::size_t operator()(const ObjectId& id) const {
    std::size_t hash = 0;
    for (const std::string* part : {&id.name, &id.name_space, &id.kind, &id.group})
      hash = hash * 31 + std::hash<std::string>()(*part);
    return hash;
  }
};

// For each draft, the first one with its identity: itself where there is no earlier one.
std::vector<std::size_t> find_firsts(const std::vector<Draft>& drafts) {
  std::unordered_map<std::reference_wrapper<const ObjectId>, std::size_t, IdentityHash, std::equal_to<ObjectId>> known;
  std::vector<std::size_t> firsts;
  for (const Draft& draft : drafts)
    firsts.push_back(known.try_emplace(std::cref(draft.object.id), firsts.size()).first->second);
  return firsts;
}

}  // namespace

void resolve_duplicates(std::vector<Draft>& drafts, std::vector<Finding>& findings) {
  const std::vector<std::size_t> firsts = find_firsts(drafts);
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    if (firsts[i] == i) continue;
    // The object keeps its place: it exists from its first document on.
    Draft& earlier = drafts[firsts[i]];
    Draft& draft = drafts[i];
    if (earlier.document == draft.document) {
      findings.push_back(describe_repeated(earlier, draft));
    } else if (const std::optional<std::string> field =
                   find_immutable_difference(earlier.object.id, earlier.document, draft.document)) {
      findings.push_back(describe_refused(earlier, draft, *field));
    } else {
      findings.push_back(describe_replaced(earlier, draft));
      earlier = std::move(draft);
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    if (firsts[i] != i) continue;
    if (kept != i) drafts[kept] = std::move(drafts[i]);
    ++kept;
  }
  drafts.resize(kept);
}

}  // namespace gantry::kube
