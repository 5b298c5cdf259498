#pragma once

// Amounts of CPU, memory and other resources, exactly as Kubernetes reads, adds and prints them
// (apimachinery, pkg/api/resource/quantity.go).
//
//   const Quantity request = TRY(Quantity::parse("250m"));
//   to_string(request + request)     // "500m"
//   request.milli()                  // 250

#include "base/node.h"
#include "base/result.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace gantry::kube {

// A decimal number with nine places after the point. A value. Equality and order are of the number alone: "1Gi" equals
// "1073741824". Kept within ±10^28, far above any cluster: arithmetic that would leave it stops at the bound.
class Quantity {
 public:
  // How it was written, and so how it is printed.
  enum class Format : std::uint8_t { decimal_si, binary_si, decimal_exponent };

  constexpr Quantity() = default;  // 0
  static Quantity from_integer(std::int64_t value, Format format = Format::decimal_si);
  static Quantity from_milli(std::int64_t value);

  // A sign, digits with at most one point, and a suffix: n u m k M G T P E, Ki Mi Gi Ti Pi Ei, or an exponent ("1e3",
  // "1E-3"; "1E" alone is exa). What is finer than a nano is rounded away from zero, as Kubernetes does.
  // Errors: input, naming the text.
  static base::Result<Quantity> parse(std::string_view text);
  // A string as above, or a number. Errors: input, with position.
  static base::Result<Quantity> parse_node(const base::Node& node);

  Format format() const { return format_; }
  bool is_zero() const { return nano_ == 0; }
  bool is_negative() const { return nano_ < 0; }

  // In whole units or thousandths, rounded away from zero, as Kubernetes does when it counts; stops at the bounds of int64.
  std::int64_t value() const;
  std::int64_t milli() const;
  double as_double() const;

  Quantity& operator+=(const Quantity& other);
  Quantity& operator-=(const Quantity& other);
  friend Quantity operator+(Quantity a, const Quantity& b) { return a += b; }
  friend Quantity operator-(Quantity a, const Quantity& b) { return a -= b; }
  Quantity operator-() const;
  // Stops at the bound as well.
  Quantity times(std::int64_t factor) const;

  friend bool operator==(const Quantity& a, const Quantity& b) { return a.nano_ == b.nano_; }
  friend std::strong_ordering operator<=>(const Quantity& a, const Quantity& b) {
    return a.nano_ < b.nano_   ? std::strong_ordering::less
           : a.nano_ > b.nano_ ? std::strong_ordering::greater
                               : std::strong_ordering::equal;
  }
  friend std::string to_string(const Quantity& quantity);

 private:
  __extension__ using Int128 = __int128;
  explicit constexpr Quantity(Int128 nano, Format format) : nano_(nano), format_(format) {}
  static Int128 bounded(Int128 nano);

  Int128 nano_ = 0;  // thousand-millionths
  Format format_ = Format::decimal_si;
};

// Kubernetes' canonical form: no fraction, the largest suffix that needs none ("0.5" is "500m", "1500m" stays, "1024Mi" is
// "1Gi"), in the format it was written in.
std::string to_string(const Quantity& quantity);

}  // namespace gantry::kube
