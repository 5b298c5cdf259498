#pragma once

// Strong types for values that could be swapped by mistake.
//
//   using Port = Named<std::uint16_t, struct PortTag>;
//   Port port{4222};  port.value();  // explicit both ways; ordered and hashable

#include <compare>
#include <functional>
#include <utility>

namespace gantry::base {

template <typename T, typename Tag>
class Named {
 public:
  using Value = T;

  constexpr Named() = default;
  constexpr explicit Named(T value) : value_(std::move(value)) {}

  constexpr const T& value() const { return value_; }

  friend constexpr auto operator<=>(const Named&, const Named&) = default;
  friend constexpr bool operator==(const Named&, const Named&) = default;

 private:
  T value_{};
};

}  // namespace gantry::base

template <typename T, typename Tag>
struct std::hash<gantry::base::Named<T, Tag>> {
  std::size_t operator()(const gantry::base::Named<T, Tag>& named) const { return std::hash<T>{}(named.value()); }
};
