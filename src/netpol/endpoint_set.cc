#include "netpol/endpoint_set.h"

#include <roaring/roaring.hh>

#include <atomic>
#include <utility>

namespace gantry::netpol {

struct EndpointSet::Impl {
  Roaring bits;
  mutable std::atomic<std::size_t> hash = 0;  // 0: nobody has asked

  Impl() = default;
  explicit Impl(Roaring all) : bits(std::move(all)) {}
};

namespace {

// So few are added to a copy, or taken from it, one by one: CRoaring would merge them into the others one after the other,
// and sets that a pod's own node joins, or that a pod leaves, are most of the sets there are.
constexpr std::uint64_t kFew = 8;

bool are_few(const Roaring& bits) { return bits.cardinality() <= kFew; }

}  // namespace

EndpointSet::EndpointSet() = default;
EndpointSet::~EndpointSet() = default;
EndpointSet::EndpointSet(const EndpointSet& other) = default;
EndpointSet::EndpointSet(EndpointSet&& other) noexcept = default;
EndpointSet& EndpointSet::operator=(const EndpointSet& other) = default;
EndpointSet& EndpointSet::operator=(EndpointSet&& other) noexcept = default;

EndpointSet EndpointSet::wrap(std::shared_ptr<Impl> impl) {
  EndpointSet set;
  if (!impl->bits.isEmpty()) set.impl_ = std::move(impl);
  return set;
}

EndpointSet EndpointSet::range(std::size_t first, std::size_t last) {
  auto impl = std::make_shared<Impl>();
  if (first < last) impl->bits.addRange(first, last);
  return wrap(std::move(impl));
}

EndpointSet EndpointSet::of(const std::vector<EndpointId>& ids) {
  auto impl = std::make_shared<Impl>();
  for (const EndpointId id : ids) impl->bits.add(id.value());
  return wrap(std::move(impl));
}

EndpointSet EndpointSet::union_of(std::span<const EndpointSet* const> sets) {
  // CRoaring gathers many in a bitmap as large as the largest could be, which pays from some number on.
  constexpr std::size_t kOneByOneMax = 8;
  if (sets.size() <= kOneByOneMax) {
    EndpointSet all;
    for (const EndpointSet* set : sets) all.unite(*set);
    return all;
  }
  std::vector<const Roaring*> all;
  for (const EndpointSet* set : sets)
    if (set->impl_) all.push_back(&set->impl_->bits);
  return wrap(std::make_shared<Impl>(Roaring::fastunion(all.size(), all.data())));
}

// Copies share until one changes.
EndpointSet::Impl& EndpointSet::own() {
  if (!impl_) {
    impl_ = std::make_shared<Impl>();
  } else if (impl_.use_count() > 1) {
    impl_ = std::make_shared<Impl>(impl_->bits);
  }
  impl_->hash.store(0, std::memory_order_relaxed);
  return *impl_;
}

void EndpointSet::add(EndpointId id) { own().bits.add(id.value()); }

bool EndpointSet::empty() const { return !impl_; }
std::size_t EndpointSet::size() const { return impl_ ? impl_->bits.cardinality() : 0; }
bool EndpointSet::contains(EndpointId id) const { return impl_ && impl_->bits.contains(id.value()); }

bool EndpointSet::contains(const EndpointSet& other) const {
  if (!other.impl_ || impl_ == other.impl_) return true;
  return impl_ && other.impl_->bits.isSubset(impl_->bits);
}

bool EndpointSet::meets(const EndpointSet& other) const {
  return impl_ && other.impl_ && impl_->bits.intersect(other.impl_->bits);
}

EndpointSet EndpointSet::united(const EndpointSet& other) const {
  if (!impl_ || impl_ == other.impl_) return other;
  if (!other.impl_) return *this;
  if (are_few(other.impl_->bits) || are_few(impl_->bits)) {
    const bool is_more = are_few(other.impl_->bits);
    EndpointSet all = is_more ? *this : other;
    all.unite(is_more ? other : *this);
    return all;
  }
  return wrap(std::make_shared<Impl>(impl_->bits | other.impl_->bits));
}

EndpointSet EndpointSet::intersected(const EndpointSet& other) const {
  if (!impl_ || impl_ == other.impl_) return *this;
  if (!other.impl_) return other;
  return wrap(std::make_shared<Impl>(impl_->bits & other.impl_->bits));
}

EndpointSet EndpointSet::without(const EndpointSet& other) const {
  if (!impl_ || !other.impl_) return *this;
  if (impl_ == other.impl_) return {};
  if (are_few(other.impl_->bits)) {
    if (!meets(other)) return *this;
    auto rest = std::make_shared<Impl>(impl_->bits);
    for (const std::uint32_t id : other.impl_->bits) rest->bits.remove(id);
    return wrap(std::move(rest));
  }
  return wrap(std::make_shared<Impl>(impl_->bits - other.impl_->bits));
}

void EndpointSet::unite(const EndpointSet& other) {
  if (!other.impl_ || impl_ == other.impl_) return;
  if (!impl_) {
    impl_ = other.impl_;
  } else if (!are_few(other.impl_->bits)) {
    own().bits |= other.impl_->bits;
  } else {
    for (const std::uint32_t id : other.impl_->bits)
      if (!impl_->bits.contains(id)) own().bits.add(id);
  }
}

std::vector<EndpointId> EndpointSet::ids() const {
  std::vector<EndpointId> ids;
  if (!impl_) return ids;
  ids.reserve(size());
  for (const std::uint32_t id : impl_->bits) ids.emplace_back(id);
  return ids;
}

std::optional<EndpointId> EndpointSet::first() const {
  if (!impl_) return std::nullopt;
  return EndpointId{impl_->bits.minimum()};
}

// The size, both ends and what lies between at a few places: cheap, and sets that differ rarely agree in all.
std::size_t EndpointSet::hash() const {
  if (!impl_) return 0;
  if (const std::size_t known = impl_->hash.load(std::memory_order_relaxed)) return known;
  std::size_t hash = impl_->bits.cardinality();
  const auto mix = [&hash](std::size_t value) { hash = (hash ^ value) * 0x9E3779B97F4A7C15ULL; };
  mix(impl_->bits.minimum());
  mix(impl_->bits.maximum());
  constexpr std::uint64_t kPlaces = 8;
  const std::uint64_t size = impl_->bits.cardinality();
  for (std::uint64_t place = 1; place < kPlaces; ++place) {
    std::uint32_t element = 0;
    if (impl_->bits.select(static_cast<std::uint32_t>(size * place / kPlaces), &element)) mix(element);
  }
  impl_->hash.store(hash, std::memory_order_relaxed);
  return hash;
}

bool operator==(const EndpointSet& a, const EndpointSet& b) {
  if (a.impl_ == b.impl_) return true;
  return a.impl_ && b.impl_ && a.impl_->bits == b.impl_->bits;
}

}  // namespace gantry::netpol
