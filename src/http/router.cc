#include "http/router.h"

#include "http/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>

namespace gantry::http {

namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kSegmentsMax =
    64;  // of a pattern or a path: what matching may cost is bounded by the URL's length anyway

// One segment of patterns, with what may follow it. Nodes hold nothing about names: they belong to the routes.
struct Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals = {};
  std::unique_ptr<Node> any = {};             // {name}
  std::vector<const Route*> ends = {};        // routes whose pattern ends here, one per method
  std::vector<const Route*> takes_rest = {};  // routes whose pattern ends here with {name...}
};

enum class SegmentKind { literal, parameter, rest };

struct Segment {
  SegmentKind kind;
  std::string text;  // decoded, or the parameter's name
};

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::size_t start = 1; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    segments.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  return segments;
}

base::Result<Segment> parse_segment(std::string_view text, bool is_last) {
  if (text.starts_with('{') && text.ends_with('}')) {
    std::string_view name = text.substr(1, text.size() - 2);
    const bool takes_rest = name.ends_with("...");
    if (takes_rest) name.remove_suffix(3);
    if (!is_token(name)) return base::usage_error(fmt::format("\"{}\" has no name", text));
    if (takes_rest && !is_last) return base::usage_error(fmt::format("something follows \"{}\"", text));
    return Segment{takes_rest ? SegmentKind::rest : SegmentKind::parameter, std::string(name)};
  }
  std::optional<std::string> decoded = decode_percent(text);
  if (!decoded || text.contains('{') || text.contains('}') || *decoded == "." || *decoded == "..")
    return base::usage_error(fmt::format("\"{}\" is no segment of a path", text));
  return Segment{SegmentKind::literal, *std::move(decoded)};
}

base::Result<std::vector<Segment>> parse_pattern(std::string_view pattern) {
  if (!pattern.starts_with('/')) return base::usage_error("it does not begin with a slash");
  const std::vector<std::string_view> texts = split_path(pattern);
  if (texts.size() > kSegmentsMax) return base::usage_error("it has too many segments");
  std::vector<Segment> segments;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    segments.push_back(TRY(parse_segment(texts[i], i + 1 == texts.size())));
  }
  return segments;
}

Node& child(std::unique_ptr<Node>& node) {
  if (!node) node = std::make_unique<Node>();
  return *node;
}

base::Result<void> add_route(Node& root, const Route& route) {
  if (!is_token(route.method)) return base::usage_error(fmt::format("\"{}\" is no method", route.method));
  Node* node = &root;
  std::vector<const Route*>* ends = &root.ends;
  for (const Segment& segment : TRY(parse_pattern(route.pattern))) {
    if (segment.kind == SegmentKind::rest) {
      ends = &node->takes_rest;
    } else {
      node = &child(segment.kind == SegmentKind::literal ? node->literals[segment.text] : node->any);
      ends = &node->ends;
    }
  }
  const auto same = std::ranges::find(*ends, route.method, &Route::method);
  if (same != ends->end()) return base::usage_error(fmt::format("{} matches the same", (*same)->pattern));
  ends->push_back(&route);
  return {};
}

bool is_dots(std::string_view segment) { return segment == "." || segment == ".."; }

// Looks one path up. A path with k segments visits at most the nodes of its own depth: literals first, then {name}.
class Search {
 public:
  Search(std::string_view method, const std::vector<std::string>& segments) : method_(method), segments_(segments) {}

  const Route* visit(const Node& node, std::size_t depth) {
    if (depth == segments_.size()) return choose(node.ends);
    if (const auto literal = node.literals.find(segments_[depth]); literal != node.literals.end()) {
      if (const Route* found = visit(*literal->second, depth + 1)) return found;
    }
    if (node.any && !segments_[depth].empty()) {
      if (const Route* found = visit(*node.any, depth + 1)) return found;
    }
    return rest_is_plain(depth) ? choose(node.takes_rest) : nullptr;
  }

  std::vector<std::string_view> take_allowed() { return std::move(allowed_); }

 private:
  const Route* choose(const std::vector<const Route*>& routes) {
    for (const Route* route : routes) {
      if (route->method == method_) return route;
    }
    if (method_ == "HEAD") {
      const auto get = std::ranges::find(routes, "GET", &Route::method);
      if (get != routes.end()) return *get;
    }
    for (const Route* route : routes) {
      if (std::ranges::find(allowed_, route->method) == allowed_.end()) allowed_.push_back(route->method);
    }
    return nullptr;
  }

  bool rest_is_plain(std::size_t depth) const {
    for (std::size_t i = depth; i < segments_.size(); ++i) {
      if (segments_[i].contains('/')) return false;
    }
    return true;
  }

  std::string_view method_;
  const std::vector<std::string>& segments_;
  std::vector<std::string_view> allowed_;
};

Parameters bind_parameters(const Route& route, const std::vector<std::string>& segments) {
  Parameters parameters;
  const std::vector<std::string_view> pattern = split_path(route.pattern);
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!pattern[i].starts_with('{')) continue;
    std::string_view name = pattern[i].substr(1, pattern[i].size() - 2);
    std::string value = segments[i];
    if (name.ends_with("...")) {
      name.remove_suffix(3);
      for (std::size_t k = i + 1; k < segments.size(); ++k) value += "/" + segments[k];
    }
    parameters.emplace_back(name, std::move(value));
  }
  return parameters;
}

}  // namespace

struct Router::Tree {
  std::deque<Route> routes = {};  // where nodes point to
  // Patterns without a parameter, by path: most requests, found without taking the path apart.
  std::map<std::pair<std::string_view, std::string_view>, const Route*> exact = {};
  Node root = {};
};

base::Result<Router> Router::create(std::vector<Route> routes) {
  auto tree = std::make_shared<Tree>();
  for (Route& given : routes) {
    const Route& route = tree->routes.emplace_back(std::move(given));
    TRY(base::with_context(add_route(tree->root, route),
                           fmt::format("while adding the route {} {}", route.method, route.pattern)));
    const bool is_plain = !route.pattern.contains('{') && !route.pattern.contains('%');
    if (is_plain)
      tree->exact.emplace(std::pair(std::string_view(route.pattern), std::string_view(route.method)), &route);
  }
  return Router(std::move(tree));
}

Match Router::find(std::string_view method, std::string_view path) const {
  if (const auto exact = tree_->exact.find({path, method}); exact != tree_->exact.end())
    return {.route = exact->second};
  if (!path.starts_with('/')) return {};
  std::vector<std::string> segments;
  for (const std::string_view raw : split_path(path)) {
    std::optional<std::string> decoded = decode_percent(raw);
    if (!decoded || is_dots(*decoded) || segments.size() == kSegmentsMax) return {};
    segments.push_back(*std::move(decoded));
  }
  Search search(method, segments);
  const Route* route = search.visit(tree_->root, 0);
  if (!route) return {.allowed = search.take_allowed()};
  return {.route = route, .parameters = bind_parameters(*route, segments)};
}

}  // namespace gantry::http
