#include "load/vu/flights.h"

#include "load/vu/vu.h"

#include <algorithm>
#include <utility>

namespace gantry::load {

FlightNumber Flights::make_ready(v8::Isolate* isolate, Hop hop, const Asked& asked) {
  auto flight = std::make_unique<Flight>();
  flight->hop = std::move(hop);
  flight->url.Reset(isolate, asked.url);
  flight->body.Reset(isolate, asked.body);
  all_.emplace(++last_number_, std::move(flight));
  return last_number_;
}

base::Result<void> Flights::launch(FlightNumber number, FlightGroup group) {
  Flight& flight = *all_.at(number);
  flight.group = group;
  flight.hand = TRY(vu_.shared().hands.lend([this, &flight, number](Member& member) {
    fly(member, flight);
    landed_.push_back(number);
  }));
  ++under_way_;
  return {};
}

// On a hand.
void Flights::fly(Member& member, Flight& flight) {
  send_hop(vu_, {vu_.shared().crew, member}, flight.hop);
  if (!flight.hop.outcome.was_interrupted) record_hop(vu_, flight.hop);
  flight.hand = nullptr;
  --under_way_;
  if (is_waiting_) vu_.shared().crew.wake(vu_.member());
}

std::optional<Flights::Landed> Flights::take_landed(FlightGroup group, SteadyTime until) {
  for (;;) {
    const auto next =
        std::ranges::find_if(landed_, [&](FlightNumber number) { return all_.at(number)->group == group; });
    if (next != landed_.end()) {
      Landed landed{*next, std::move(all_.at(*next))};
      all_.erase(*next);
      landed_.erase(next);
      return landed;
    }
    is_waiting_ = true;
    const Wake wake = vu_.shared().park(vu_.member(), until);
    is_waiting_ = false;
    if (wake != Wake::ready) return std::nullopt;
  }
}

void Flights::drop() {
  if (all_.empty()) return;
  for (const auto& [number, flight] : all_)
    if (flight->hand) vu_.shared().crew.interrupt(flight->hand->member());
  {
    const v8::Unlocker unlocker(vu_.shared().isolate.get());
    while (under_way_ > 0) vu_.shared().crew.give_way(vu_.member());
  }
  landed_.clear();
  all_.clear();
}

}  // namespace gantry::load
