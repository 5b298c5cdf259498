#pragma once

// The requests of a VU that go on while its script does: those of a batch, and those that promises stand for. Each is sent by a hand of the
// crew. The script makes one ready, launches it, and gets its answer when it asks for the next that has landed.

#include "load/crew/hands.h"
#include "load/vu/hop.h"

#include <v8.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>

namespace gantry::load {

using FlightNumber = std::uint32_t;
// Whose answers are waited for together: 0 is that of the promises, a batch has one of its own.
using FlightGroup = std::uint32_t;

struct Flight {
  Hop hop = {};
  v8::Global<v8::Value> url = {};
  v8::Global<v8::Value> body = {};
  FlightGroup group = 0;
  Hand* hand = nullptr;  // while it is under way
};

class Flights {
 public:
  explicit Flights(Vu& vu) : vu_(vu) {}
  Flights(const Flights&) = delete;
  Flights& operator=(const Flights&) = delete;
  ~Flights() { drop(); }

  FlightNumber make_ready(v8::Isolate* isolate, Hop hop, const Asked& asked);
  // Of one that is ready. Errors: environment (no memory for a stack).
  base::Result<void> launch(FlightNumber number, FlightGroup group);
  // The next of a group that has landed; waits, without V8's lock, until there is one or the time has come. Nothing: it has not, or the
  // VU was interrupted.
  struct Landed {
    FlightNumber number = 0;
    std::unique_ptr<Flight> flight;
  };
  std::optional<Landed> take_landed(FlightGroup group, SteadyTime until);
  // At the end of an iteration: what is under way is interrupted, and over when this returns.
  void drop();

 private:
  void fly(Member& member, Flight& flight);

  Vu& vu_;
  std::map<FlightNumber, std::unique_ptr<Flight>> all_ = {};
  std::deque<FlightNumber> landed_ = {};  // in the order of their landing
  FlightNumber last_number_ = 0;
  std::size_t under_way_ = 0;
  bool is_waiting_ = false;  // the VU, for one of them
};

}  // namespace gantry::load
