#include "load/executors/stripe.h"

#include <algorithm>
#include <utility>

namespace gantry::load {

Stripe::Stripe(std::vector<std::int64_t> places, std::int64_t cycle)
    : places_(std::make_shared<const std::vector<std::int64_t>>(std::move(places))), cycle_(cycle) {}

std::int64_t Stripe::scale(std::int64_t whole) const {
  if (!places_) return whole;
  const auto rest = std::ranges::lower_bound(*places_, whole % cycle_) - places_->begin();
  return whole / cycle_ * std::ssize(*places_) + rest;
}

double Stripe::share() const {
  return places_ ? static_cast<double>(places_->size()) / static_cast<double>(cycle_) : 1;
}

std::int64_t Stripe::nth(std::int64_t own) const {
  if (!places_) return own;
  const std::int64_t size = std::ssize(*places_);
  return own / size * cycle_ + (*places_)[static_cast<std::size_t>(own % size)];
}

bool operator==(const Stripe& a, const Stripe& b) {
  if (a.cycle_ != b.cycle_ || !a.places_ != !b.places_) return false;
  return !a.places_ || *a.places_ == *b.places_;
}

}  // namespace gantry::load
