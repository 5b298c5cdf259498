#include "load/run/standstill.h"

#include <v8.h>

#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <ucontext.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>

namespace gantry::load {

namespace {

constexpr int kSignal =
    SIGURG;  // which nobody else uses, and which does nothing to a program that does not wait for it
constexpr auto kSendEvery = std::chrono::milliseconds(1);

enum class Order : std::uint8_t { none, stop, stands };

struct CodeRange {
  std::uintptr_t begin;
  std::uintptr_t end;
};

// A handler knows nothing but what is global. The turn and the ranges are written before there is an order, and read while there is one.
std::atomic<Order> g_order = Order::none;
std::atomic<const std::atomic<SteadyTime::rep>*> g_turn_began = nullptr;
std::atomic<SteadyTime::rep> g_turn_at = 0;
std::array<CodeRange, 512> g_other_code;
std::atomic<std::size_t> g_other_code_size = 0;
std::atomic<bool> g_stands = false;

std::uintptr_t place_of(const ucontext_t& context) {
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(context.uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return static_cast<std::uintptr_t>(context.uc_mcontext.pc);
#else
#error "where the program counter is has to be said for this processor"
#endif
}

void on_signal(int, siginfo_t*, void* context) {
  // Between the order and this the turn may have passed on: only the thread itself can tell for sure.
  if (g_order.load() != Order::stop || g_turn_began.load()->load() != g_turn_at.load()) return;
  const std::uintptr_t place = place_of(*static_cast<const ucontext_t*>(context));
  for (std::size_t i = 0; i < g_other_code_size.load(); ++i)
    if (g_other_code[i].begin <= place && place < g_other_code[i].end) return;
  Order expected = Order::stop;
  if (!g_order.compare_exchange_strong(expected, Order::stands)) return;
  for (;;) ::pause();
}

// The code of one object, unless V8 is in it. What V8 has compiled is in none.
int note_code(dl_phdr_info* object, std::size_t, void* v8) {
  std::array<CodeRange, 8> code{};
  std::size_t count = 0;
  for (int i = 0; i < object->dlpi_phnum && count < code.size(); ++i) {
    const ElfW(Phdr)& header = object->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0) continue;
    const std::uintptr_t begin = object->dlpi_addr + header.p_vaddr;
    if (begin <= reinterpret_cast<std::uintptr_t>(v8) && reinterpret_cast<std::uintptr_t>(v8) < begin + header.p_memsz)
      return 0;
    code[count++] = {begin, begin + header.p_memsz};
  }
  for (std::size_t i = 0; i < count && g_other_code_size < g_other_code.size(); ++i)
    g_other_code[g_other_code_size++] = code[i];
  return 0;
}

}  // namespace

bool bring_to_a_standstill(pthread_t thread, const Turn& turn, std::chrono::nanoseconds patience) {
  static std::mutex one_at_a_time;
  const std::scoped_lock lock(one_at_a_time);
  g_other_code_size = 0;
  ::dl_iterate_phdr(note_code, reinterpret_cast<void*>(&v8::V8::GetVersion));
  if (g_other_code_size == g_other_code.size()) return false;  // where it stops might be code that is not listed
  struct sigaction action {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  ::sigaction(kSignal, &action, nullptr);
  g_turn_began = &turn.began;
  g_turn_at = turn.at;
  g_order = Order::stop;
  const auto until = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < until && g_order != Order::stands) {
    ::pthread_kill(thread, kSignal);
    std::this_thread::sleep_for(kSendEvery);
  }
  const bool stands = g_order.exchange(Order::none) == Order::stands;
  if (stands) g_stands = true;
  return stands;
}

bool stands_still_in_v8() { return g_stands; }

}  // namespace gantry::load
