#pragma once

// How long work tells a person how far it is. Engines report to a Progress that was handed in; floor 5 decides whether and
// how it is shown.

#include <cstdint>
#include <string_view>

namespace gantry::base {

// Calls may come from one thread at a time.
class Progress {
 public:
  virtual ~Progress() = default;
  // A new piece of work begins; total 0 means "unknown".
  virtual void begin(std::string_view what, std::uint64_t total) = 0;
  virtual void advance(std::uint64_t done) = 0;
  // One short line about what is happening now, e.g. the object being looked at.
  virtual void note(std::string_view text) = 0;
  virtual void end() = 0;
};

// Shows nothing.
class NoProgress final : public Progress {
 public:
  void begin(std::string_view, std::uint64_t) override {}
  void advance(std::uint64_t) override {}
  void note(std::string_view) override {}
  void end() override {}
};

}  // namespace gantry::base
