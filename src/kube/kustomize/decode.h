#pragma once

// Reads a kustomization file's values into typed fields: strict about names and types, as kustomize is, and telling the
// place of every mistake as a field path ("patches[2].target.name").
//
//   constexpr Field<Replica> kFields[] = {field<&Replica::name>("name"), field<&Replica::count>("count")};
//   Result<void> read(const Node& node, const Place& place, Replica& out) { return read_fields<Replica>(node, place, kFields, out); }

#include "base/node.h"
#include "base/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::kube::kustomize {

// A string with the place it was written at.
struct Text {
  std::string value;
  base::SourcePos pos;
  bool empty() const { return value.empty(); }
};

using TextMap = std::map<std::string, Text, std::less<>>;

// A field path in a document, for messages.
class Place {
 public:
  Place() = default;
  Place field(std::string_view name) const;
  Place element(std::size_t index) const;
  const std::string& path() const { return path_; }

 private:
  explicit Place(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

[[nodiscard]] std::unexpected<base::Error> wrong_type(const base::Node& node, const Place& place,
                                                      std::string_view wanted);
[[nodiscard]] std::unexpected<base::Error> unknown_field(const base::Node::Member& member, const Place& place,
                                                         std::span<const std::string_view> known);

// A null leaves the field as it is, as in Go's JSON decoder, which kustomize uses.
base::Result<void> read(const base::Node& node, const Place& place, Text& out);
base::Result<void> read(const base::Node& node, const Place& place, std::string& out);
base::Result<void> read(const base::Node& node, const Place& place, bool& out);
base::Result<void> read(const base::Node& node, const Place& place, std::int64_t& out);
base::Result<void> read(const base::Node& node, const Place& place, TextMap& out);

template <typename T>
base::Result<void> read(const base::Node& node, const Place& place, std::optional<T>& out) {
  if (node.is_null()) return {};
  if (!out) out.emplace();
  return read(node, place, *out);
}

template <typename T>
base::Result<void> read(const base::Node& node, const Place& place, std::vector<T>& out) {
  if (node.is_null()) return {};
  if (!node.is_array()) return wrong_type(node, place, "a list");
  out.clear();
  for (std::size_t i = 0; i < node.array().size(); ++i) {
    out.emplace_back();
    TRY(read(node.array()[i], place.element(i), out.back()));
  }
  return {};
}

template <typename T>
struct Field {
  std::string_view name;
  base::Result<void> (*read_into)(const base::Node& node, const Place& place, T& out);
};

template <typename M>
struct MemberOf;
template <typename T, typename M>
struct MemberOf<M T::*> {
  using Owner = T;
};

// One row of a field table: the field of this name goes to this member.
template <auto Member, typename T = typename MemberOf<decltype(Member)>::Owner>
constexpr Field<T> field(std::string_view name) {
  return {name, [](const base::Node& node, const Place& place, T& out) { return read(node, place, out.*Member); }};
}

// The index of the field that `name` means; Go's decoder accepts another case too. Nothing when there is none.
std::optional<std::size_t> find_field(std::string_view name, std::span<const std::string_view> known);

// Reads every member of a map by a field table. Errors: no map, a member that is in no row, and whatever the rows say.
template <typename T>
base::Result<void> read_fields(const base::Node& node, const Place& place, std::span<const Field<T>> fields, T& out) {
  if (node.is_null()) return {};
  if (!node.is_map()) return wrong_type(node, place, "a map");
  std::vector<std::string_view> names;
  for (const Field<T>& row : fields) names.push_back(row.name);
  for (const base::Node::Member& member : node.map()) {
    const std::optional<std::size_t> index = find_field(member.key, names);
    if (!index) return unknown_field(member, place, names);
    TRY(fields[*index].read_into(member.value, place.field(member.key), out));
  }
  return {};
}

}  // namespace gantry::kube::kustomize
