#include "load/http/kept_body.h"

#include <unistd.h>
#include <algorithm>
#include <atomic>

namespace gantry::load {

namespace {

// Of the process, as its memory is: as far as its threads have told.
std::atomic<std::ptrdiff_t> all_bytes = 0;

// What the bodies of a thread have come to take, or to give back, since it last told.
class Tally {
 public:
  Tally() = default;
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;
  ~Tally() { tell(); }

  void add(std::ptrdiff_t bytes) {
    untold_ += bytes;
    if (untold_ > kUntoldMax || untold_ < -kUntoldMax) tell();
  }
  std::ptrdiff_t untold() const { return untold_; }

 private:
  // Little to a bound of hundreds of megabytes, whatever the number of threads, and more than all short bodies of a thread that come and
  // go: those tell nobody.
  static constexpr std::ptrdiff_t kUntoldMax = std::ptrdiff_t{256} << 10;

  void tell() { all_bytes.fetch_add(std::exchange(untold_, 0), std::memory_order_relaxed); }

  std::ptrdiff_t untold_ = 0;
};
thread_local Tally tally;

}  // namespace

std::size_t KeptBody::all_bytes_max() {
  static const std::size_t quarter = static_cast<std::size_t>(std::max(0L, ::sysconf(_SC_PHYS_PAGES))) *
                                     static_cast<std::size_t>(std::max(0L, ::sysconf(_SC_PAGE_SIZE))) / 4;
  return std::max(quarter, 2 * kBytesMax);
}

std::size_t KeptBody::room() {
  const std::ptrdiff_t told = all_bytes.load(std::memory_order_relaxed);
  const auto kept = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, told + tally.untold()));
  return all_bytes_max() - std::min(kept, all_bytes_max());
}

// By half of what it is at least, so that a long one is seldom copied; the longest that may be, and not beyond.
bool KeptBody::grow(std::size_t bytes) {
  const std::size_t wanted = std::max(bytes, std::min(text_.capacity() + text_.capacity() / 2, kBytesMax));
  if (room() < wanted - counted_) return false;
  // reserve() of a text that has some would take twice as much as it has.
  std::string grown;
  grown.reserve(wanted);
  grown.append(text_);
  text_.swap(grown);
  count();
  return true;
}

void KeptBody::count() {
  // A text that is shorter lies in the object itself.
  static const std::size_t in_place = std::string().capacity();
  const std::size_t taken = text_.capacity() > in_place ? text_.capacity() : 0;
  tally.add(static_cast<std::ptrdiff_t>(taken) - static_cast<std::ptrdiff_t>(counted_));
  counted_ = taken;
}

void KeptBody::give_back() { tally.add(-static_cast<std::ptrdiff_t>(std::exchange(counted_, 0))); }

}  // namespace gantry::load
