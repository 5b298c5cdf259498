// Wakes so many times at a steady rate, as a generator of arrivals has to, and does nothing else: what it comes late by is the machine's
// (punctuality.py).
//
//   sleeper RATE COUNT
//
// Prints how many of them came a millisecond late or more, and the latest in milliseconds, as JSON: {"late": 12, "max": 1.5}.

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  if (argc != 3) return 2;
  const double rate = std::atof(argv[1]);
  const long count = std::atol(argv[2]);
  if (!(rate > 0)) return 2;
  ::prctl(PR_SET_TIMERSLACK, 1UL);  // as the generator has it: the kernel's own 50 µs are not what is asked about
  const Clock::time_point begun = Clock::now();
  long late = 0;
  std::chrono::duration<double, std::milli> latest{0};
  for (long i = 1; i <= count; ++i) {
    const auto due = begun + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double>(static_cast<double>(i) / rate));
    std::this_thread::sleep_until(due);
    const std::chrono::duration<double, std::milli> by = Clock::now() - due;
    late += by >= std::chrono::milliseconds(1) ? 1 : 0;
    latest = std::max(latest, by);
  }
  std::printf("{\"late\": %ld, \"max\": %.3f}\n", late, latest.count());
}
