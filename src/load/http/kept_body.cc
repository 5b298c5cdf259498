#include "load/http/kept_body.h"

#include <unistd.h>
#include <algorithm>
#include <atomic>

namespace gantry::load {

namespace {

// Of the process, as its memory is.
std::atomic<std::size_t> all_bytes = 0;

}  // namespace

std::size_t KeptBody::all_bytes_max() {
  static const std::size_t quarter = static_cast<std::size_t>(std::max(0L, ::sysconf(_SC_PHYS_PAGES))) *
                                     static_cast<std::size_t>(std::max(0L, ::sysconf(_SC_PAGE_SIZE))) / 4;
  return std::max(quarter, 2 * kBytesMax);
}

std::size_t KeptBody::room() {
  const std::size_t kept = all_bytes.load(std::memory_order_relaxed);
  return all_bytes_max() - std::min(kept, all_bytes_max());
}

// In steps that grow as the text does, so that counting is seldom.
bool KeptBody::take(std::size_t size) {
  const std::size_t wanted = size + size / 8;
  if (room() < wanted - counted_) return false;
  count(wanted);
  return true;
}

void KeptBody::count(std::size_t size) {
  all_bytes.fetch_add(size - counted_, std::memory_order_relaxed);
  counted_ = size;
}

void KeptBody::give_back() { all_bytes.fetch_sub(std::exchange(counted_, 0), std::memory_order_relaxed); }

}  // namespace gantry::load
