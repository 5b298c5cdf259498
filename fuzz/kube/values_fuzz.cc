// Any text as a quantity, an address range and a label selector: what is read and printed reads back as the same.

#include "kube/address.h"
#include "kube/labels.h"
#include "kube/quantity.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace gantry::kube {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void read_quantity(std::string_view text) {
  const base::Result<Quantity> quantity = Quantity::parse(text);
  if (!quantity) return;
  const base::Result<Quantity> again = Quantity::parse(to_string(*quantity));
  require(again && *again == *quantity && to_string(*again) == to_string(*quantity));
  require((*quantity - *quantity).is_zero());
}

void read_range(std::string_view text) {
  const base::Result<Cidr> range = Cidr::parse(text);
  if (!range) return;
  const base::Result<Cidr> again = Cidr::parse(to_string(*range));
  require(again && *again == *range && range->contains(range->address) && range->contains(*again));
}

void read_selector(std::string_view text) {
  const base::Result<LabelSelector> selector = LabelSelector::parse_text(text);
  if (!selector || selector->selects_everything()) return;
  const base::Result<LabelSelector> again = LabelSelector::parse_text(to_string(*selector));
  require(again && *again == *selector);
}

}  // namespace
}  // namespace gantry::kube

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  gantry::kube::read_quantity(text);
  gantry::kube::read_range(text);
  gantry::kube::read_selector(text);
  return 0;
}
