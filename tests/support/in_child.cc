#include "support/in_child.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>

namespace gantry::test {

namespace {

constexpr uid_t kNobody = 65534;

bool become_nobody() {
  if (::geteuid() != 0) return true;
  return ::setgroups(0, nullptr) == 0 && ::setgid(kNobody) == 0 && ::setuid(kNobody) == 0;
}

[[noreturn]] void run_child(const std::function<std::string()>& work, ChildUser user, int answer_fd) {
  std::string answer;
  try {
    if (user == ChildUser::nobody && !become_nobody()) ::_exit(2);
    answer = work();
  } catch (const std::exception& problem) {
    answer = std::string("exception: ") + problem.what();
  }
  for (std::size_t sent = 0; sent < answer.size();) {
    const ssize_t count = ::write(answer_fd, answer.data() + sent, answer.size() - sent);
    if (count < 0) ::_exit(3);
    sent += static_cast<std::size_t>(count);
  }
  ::_exit(0);
}

}  // namespace

std::string in_child(const std::function<std::string()>& work, ChildUser user) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) {
    ADD_FAILURE() << "no pipe, errno " << errno;
    return {};
  }
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    run_child(work, user, ends[1]);
  }
  ::close(ends[1]);
  std::string answer;
  std::array<char, 4096> buffer;
  for (ssize_t count = 0; (count = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
    answer.append(buffer.data(), static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) {
    ADD_FAILURE() << "the child process ended with wait status " << status << " after saying: " << answer;
  }
  return answer;
}

}  // namespace gantry::test
