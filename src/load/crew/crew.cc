#include "load/crew/crew.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <boost/context/protected_fixedsize_stack.hpp>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

namespace gantry::load {

namespace {

using std::chrono::steady_clock;

// While members are ready one after the other, sockets and alarms are still looked at this often.
constexpr auto kLookEvery = std::chrono::microseconds(200);
// Who has not looked for so long, because a script computed or V8 collected meanwhile, does not know when what is there came.
constexpr auto kLookIsLate = 2 * kLookEvery;
constexpr int kUnwaitedMax = 64;  // waits that were none, before others come first
constexpr int kEventsMax = 256;
constexpr std::size_t kPostedMax = 32;  // that wait to be sent together

std::atomic<int> last_number{0};
thread_local int running = 0;

timespec to_timespec(std::chrono::nanoseconds duration) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  return {.tv_sec = seconds.count(), .tv_nsec = (duration - seconds).count()};
}

}  // namespace

int running_number() {
  if (running == 0) running = ++last_number;
  return running;
}

base::Result<std::unique_ptr<Crew>> Crew::create() {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0)
    return base::environment_error(std::string("sockets cannot be watched: ") + std::strerror(errno),
                                   "raise the limit of open files (ulimit -n)");
  return std::unique_ptr<Crew>(new Crew(poll));
}

Crew::~Crew() {
  assert(spawned_ == 0);
  ::close(poll_);
}

void Crew::adopt(Member& member) {
  // Or else the kernel rings an alarm up to 50 µs late, so that it can ring several at once.
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  member.number_ = running_number();
  member.stack_ = own_stack();
  turn_began_.store(steady_clock::now().time_since_epoch().count(), std::memory_order_relaxed);
}

base::Result<void> Crew::spawn(Member& member, std::function<void()> work, std::size_t stack_bytes) {
  auto live = [this, &member, work = std::move(work)](boost::context::fiber&& from) {
    arrive(nullptr, std::move(from));
    work();
    set_alarm(member, kNever);
    --spawned_;
    left_ = &member;
    Member& next = next_ready();
    running = next.number_;
    announce_switch(nullptr, next.stack_);
    return std::move(next.fiber_);
  };
  boost::context::protected_fixedsize_stack stacks(stack_bytes);
  try {
    const boost::context::stack_context stack = stacks.allocate();
    member.fiber_ = boost::context::fiber(std::allocator_arg, boost::context::preallocated(stack.sp, stack.size, stack),
                                          stacks, std::move(live));
    member.stack_ = new_stack(static_cast<const char*>(stack.sp) - stack.size, stack.size);
  } catch (const std::bad_alloc&) {
    return base::environment_error("there is no memory for the stack of one more VU",
                                   "ask for fewer VUs, or raise the limit of memory maps (vm.max_map_count)");
  }
  member.number_ = ++last_number;
  ++spawned_;
  ready_.push_last(member);
  return {};
}

void Crew::switch_to(Member& from, Member& to) {
  left_ = &from;
  running = to.number_;
  void* fake_stack = nullptr;
  announce_switch(&fake_stack, to.stack_);
  boost::context::fiber before = std::move(to.fiber_).resume();
  arrive(fake_stack, std::move(before));
}

void Crew::arrive(void* fake_stack, boost::context::fiber from) {
  finish_switch(fake_stack, left_->stack_);
  if (!from) forget_stack(left_->stack_);  // its work has ended
  left_->fiber_ = std::move(from);
}

base::Result<void> Crew::watch(Socket& socket) {
  epoll_event interest{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &socket}};
  if (::epoll_ctl(poll_, EPOLL_CTL_ADD, socket.fd, &interest) == 0) return {};
  return base::environment_error(std::string("a socket cannot be watched: ") + std::strerror(errno));
}

void Crew::unwatch(Socket& socket) {
  ::epoll_ctl(poll_, EPOLL_CTL_DEL, socket.fd, nullptr);
  socket.events = 0;
}

// A member that need not wait. One whose peer never lets it wait would keep the turn for ever, whatever its deadline is.
Wake Crew::go_on(Member& member, SteadyTime deadline) {
  if (++unwaited_ < kUnwaitedMax || deadline == SteadyTime()) return Wake::ready;
  unwaited_ = 0;
  give_way(member);
  if (member.is_interrupted_) return Wake::interrupted;
  return steady_clock::now() >= deadline ? Wake::timed_out : Wake::ready;
}

Wake Crew::wait(Member& member, Socket& socket, std::uint32_t wanted, SteadyTime deadline) {
  if ((socket.events & wanted) != 0 && !member.is_interrupted_) return go_on(member, deadline);
  socket.wanted = wanted;
  socket.waiter = &member;
  const Wake wake = suspend(member, deadline);
  socket.waiter = nullptr;
  return wake;
}

Wake Crew::wait_for_any(Member& member, std::span<Socket* const> sockets, std::uint32_t wanted, SteadyTime deadline) {
  const auto is_ready = [wanted](const Socket* socket) { return (socket->events & wanted) != 0; };
  if (std::ranges::any_of(sockets, is_ready) && !member.is_interrupted_) return go_on(member, deadline);
  for (Socket* socket : sockets) {
    socket->wanted = wanted;
    socket->waiter = &member;
  }
  const Wake wake = suspend(member, deadline);
  for (Socket* socket : sockets) socket->waiter = nullptr;
  return wake;
}

Wake Crew::converse(Member& member, Socket& socket, Outgoing& outgoing, Incoming& incoming, SteadyTime deadline) {
  outbox_.push_back({&socket, &outgoing});
  socket.wanted = Socket::readable;
  socket.waiter = &member;
  socket.incoming = &incoming;
  const Wake wake = suspend(member, deadline);
  socket.waiter = nullptr;
  socket.incoming = nullptr;
  if (outgoing.begun == SteadyTime()) std::erase_if(outbox_, [&](const Posted& p) { return p.outgoing == &outgoing; });
  return wake;
}

// When it was done; never, where there was nothing to do.
SteadyTime Crew::send_posted() {
  if (outbox_.empty()) return {};
  SteadyTime now = steady_clock::now();
  for (const auto& [socket, outgoing] : outbox_) {
    outgoing->begun = now;
    outgoing->error = socket->send(outgoing->bytes);
    now = outgoing->ended = steady_clock::now();
    // What came before it was sent is no news any more.
    const bool is_for_member = !outgoing->bytes.empty() || (socket->events & Socket::readable) != 0;
    if (is_for_member && socket->waiter) finish_wait(*std::exchange(socket->waiter, nullptr), Wake::ready);
  }
  outbox_.clear();
  return now;
}

// What has come for a member that waits for it. False where the event was about something else.
bool Crew::fetch(Socket& socket) {
  Incoming& incoming = *socket.incoming;
  const std::expected<std::optional<std::size_t>, int> came = socket.receive(incoming.buffer);
  if (came && !*came) return false;
  if (came)
    incoming.count = *came;
  else
    incoming.error = came.error();
  incoming.seen = socket.seen;
  incoming.ended = socket.is_exact ? socket.seen : steady_clock::now();
  return true;
}

Wake Crew::sleep(Member& member, SteadyTime until) { return suspend(member, until); }

Wake Crew::park(Member& member, SteadyTime deadline) { return suspend(member, deadline); }

void Crew::wake(Member& member) { finish_wait(member, Wake::ready); }

void Crew::wake_due(Member& member) {
  if (end_wait(member, Wake::ready)) ready_.push_due(member);
}

void Crew::give_way(Member& member) {
  ready_.push_last(member);
  if (Member& next = next_ready(); &next != &member) switch_to(member, next);
}

void Crew::interrupt(Member& member) {
  member.is_interrupted_ = true;
  finish_wait(member, Wake::interrupted);
}

// Gives the turn away until the wait is over.
Wake Crew::suspend(Member& member, SteadyTime deadline) {
  if (member.is_interrupted_) return Wake::interrupted;
  unwaited_ = 0;
  member.is_waiting_ = true;
  ready_.leave(member);
  member.deadline_ = deadline;
  // Most waits end long before their time, so that an alarm is left where it is when it is early enough.
  if (deadline < member.alarm_) set_alarm(member, deadline);
  if (Member& next = next_ready(); &next != &member) switch_to(member, next);
  return member.wake_;
}

// The first reason to end a wait is the one that counts: until the member runs, its alarm may ring, its socket get ready and others
// wake it, and a second place among the ready would be a turn beside somebody else's.
bool Crew::end_wait(Member& member, Wake wake) {
  if (!std::exchange(member.is_waiting_, false)) return false;
  member.wake_ = wake;
  return true;
}

void Crew::finish_wait(Member& member, Wake wake) {
  if (!end_wait(member, wake)) return;
  switch (wake) {
    case Wake::ready: return ready_.push(member);
    case Wake::timed_out: return ready_.push_due(member);
    case Wake::interrupted: return ready_.push_last(member);
  }
}

// In place of the one that is set; kNever for none.
void Crew::set_alarm(Member& member, SteadyTime at) {
  auto alarm = alarms_.extract({std::exchange(member.alarm_, at), &member});
  if (at == kNever) return;
  if (alarm.empty()) {
    alarms_.emplace(at, &member);
    return;
  }
  alarm.value().first = at;
  alarms_.insert(std::move(alarm));
}

void Crew::ring(SteadyTime now) {
  while (!alarms_.empty() && alarms_.begin()->first <= now) {
    Member& member = *alarms_.begin()->second;
    if (member.is_waiting_ && member.deadline_ <= now) finish_wait(member, Wake::timed_out);
    set_alarm(member, member.is_waiting_ ? member.deadline_ : kNever);
  }
}

// How many there are.
int Crew::wait_for_events(std::span<epoll_event> events, std::chrono::nanoseconds at_most) {
  const timespec timeout = to_timespec(at_most);
  const int capacity = static_cast<int>(events.size());
  if (has_pwait2_) {
    const int count = ::epoll_pwait2(poll_, events.data(), capacity, &timeout, nullptr);
    const bool is_unknown = count < 0 && (errno == ENOSYS || errno == EPERM);  // as old rules of sandboxes answer
    if (!is_unknown) return count;
    has_pwait2_ = false;
  }
  pollfd any{.fd = poll_, .events = POLLIN, .revents = 0};
  return ::ppoll(&any, 1, &timeout, nullptr) > 0 ? ::epoll_wait(poll_, events.data(), capacity, 0) : 0;
}

void Crew::poll(SteadyTime now, SteadyTime until) {
  std::array<epoll_event, kEventsMax> events;
  const auto left = until == kNever ? std::chrono::nanoseconds(std::chrono::hours(1))
                                    : std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(until - now));
  const SteadyTime looked = polled_;
  const bool is_late = now - looked > kLookIsLate;
  const int count = wait_for_events(events, left);
  polled_ = steady_clock::now();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    auto* socket = static_cast<Socket*>(event.data.ptr);
    // An error or an end is for whoever reads or writes next to find.
    const bool has_ended = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if (has_ended) socket->events |= Socket::ended;
    if (has_ended || (event.events & EPOLLIN) != 0) {
      socket->events |= Socket::readable;
      socket->seen = polled_;
      socket->unseen_since = is_late ? looked : polled_;
      socket->is_exact = false;
    }
    if (has_ended || (event.events & EPOLLOUT) != 0) socket->events |= Socket::writable;
    if (socket->waiter && (socket->events & socket->wanted) != 0 && (!socket->incoming || fetch(*socket)))
      finish_wait(*std::exchange(socket->waiter, nullptr), Wake::ready);
  }
}

// What time it was.
SteadyTime Crew::look_around() {
  const SteadyTime now = steady_clock::now();
  const bool is_time = now - polled_ >= kLookEvery;
  const SteadyTime sent = is_time || outbox_.size() >= kPostedMax ? send_posted() : SteadyTime();
  if (is_time) poll(now, now);
  const SteadyTime latest = std::max({now, sent, polled_});
  ring(latest);
  return latest;
}

Member& Crew::next_ready() {
  SteadyTime now = look_around();
  while (ready_.is_empty()) {
    if (const SteadyTime sent = send_posted(); sent != SteadyTime()) now = sent;
    if (!ready_.is_empty()) break;
    poll(now, alarms_.empty() ? kNever : alarms_.begin()->first);
    now = polled_;
    ring(polled_);
  }
  Member& next = ready_.pop();
  turn_began_.store(polled_.time_since_epoch().count(), std::memory_order_relaxed);
  return next;
}

}  // namespace gantry::load
