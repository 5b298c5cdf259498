#include "launch/checks/load/local_target.h"

#include "base/text.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace gantry::launch {

using base::Result;
using std::chrono::steady_clock;

namespace {

class Socket {
 public:
  explicit Socket(int family) : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  explicit operator bool() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_;
};

constexpr std::chrono::milliseconds kLook{20};  // between two questions whether it is ready
constexpr timeval kAnswerWithin{1, 0};          // of one such question
constexpr std::chrono::milliseconds kRunsAtMost = std::chrono::hours(24 * 30);  // whoever runs it ends it long before

// Somebody else may take it before the program does: the program then says so and ends.
Result<std::uint16_t> find_free_port() {
  const Socket socket(AF_INET);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  // The sockets API takes every address as a sockaddr.
  auto* any = reinterpret_cast<sockaddr*>(&address);
  const bool is_found = socket && ::bind(socket.fd(), any, size) == 0 && ::getsockname(socket.fd(), any, &size) == 0;
  if (!is_found) return base::environment_error("no port is free on this machine");
  return ntohs(address.sin_port);
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

Result<void> fill_in_port(LoadTarget& target) {
  constexpr std::string_view kPort = "{port}";
  if (!target.url.contains(kPort)) return {};
  const std::string port = fmt::format("{}", TRY(find_free_port()));
  for (std::string& word : target.argv) replace_all(word, kPort, port);
  for (auto& [name, value] : target.env) replace_all(value, kPort, port);
  replace_all(target.url, kPort, port);
  return {};
}

// "http://127.0.0.1:8000/v1" -> host and port.
void read_url(PreparedTarget& prepared) {
  std::string_view rest = std::string_view(prepared.target.url).substr(std::string_view("http://").size());
  rest = rest.substr(0, rest.find('/'));
  const std::size_t colon = rest.rfind(':');
  prepared.host = rest.substr(0, colon);
  prepared.port = colon == std::string_view::npos ? "80" : rest.substr(colon + 1);
}

std::optional<Socket> connect_to(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  for (const addrinfo* each = found; each; each = each->ai_next) {
    Socket socket(each->ai_family);
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &kAnswerWithin, sizeof kAnswerWithin);
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &kAnswerWithin, sizeof kAnswerWithin);
    if (socket && ::connect(socket.fd(), each->ai_addr, each->ai_addrlen) == 0) return socket;
  }
  return std::nullopt;
}

// Whether GET answers 200.
bool answers(const PreparedTarget& prepared) {
  const std::optional<Socket> socket = connect_to(prepared.host, prepared.port);
  if (!socket) return false;
  const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n\r\n",
                                          prepared.target.health, prepared.host, prepared.port);
  if (::send(socket->fd(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    return false;
  std::array<char, 256> head{};  // the status line is at the very start
  const ssize_t count = ::recv(socket->fd(), head.data(), head.size(), MSG_WAITALL);
  const std::string_view line(head.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return line.starts_with("HTTP/1.1 200") || line.starts_with("HTTP/1.0 200");
}

Result<const LoadTarget*> find_target(const CheckContext& context, std::string_view name) {
  const auto& targets = context.config.load.targets;
  const auto found = targets.find(name);
  if (found != targets.end()) return &found->second;
  std::vector<std::string_view> names;
  for (const auto& [known, target] : targets) names.push_back(known);
  const std::optional<std::string_view> nearest = base::nearest_name(name, names);
  return base::input_error(
      fmt::format("gantry.yaml has no target \"{}\"", name), context.where(),
      nearest ? fmt::format("did you mean \"{}\"?", *nearest) : "add it to `load: targets:` in gantry.yaml");
}

// On the disk. A name is looked for where programs are, a path starts in the target's folder.
Result<std::string> find_program_file(const CheckContext& context, const LoadTarget& target,
                                      const std::string& directory) {
  const std::string& word = target.argv.front();
  if (word.starts_with('/')) return word;
  if (word.contains('/')) return directory + "/" + word;
  if (const std::optional<std::string> path = base::find_program(word, context.program_path)) return *path;
  return base::environment_error(fmt::format("the target's program {} is not installed", word),
                                 "build or install it where PATH leads to, or beside gantry");
}

}  // namespace

Result<PreparedTarget> prepare_target(CheckContext& context, std::string_view name) {
  PreparedTarget prepared;
  prepared.name = name;
  prepared.target = *TRY(find_target(context, name));
  LoadTarget& target = prepared.target;
  std::string directory = context.workspace_root;
  if (!target.directory.empty()) directory += "/" + TRY(context.files.resolve(target.directory));
  TRY(fill_in_port(target));
  read_url(prepared);
  const std::string program = TRY(find_program_file(context, target, directory));
  context.inputs.note("program:" + program, digest_program(program));
  // env(1) adds to what is inherited, which is not known here.
  if (!target.env.empty()) prepared.command.argv.emplace_back("env");
  for (const auto& [variable, value] : target.env)
    prepared.command.argv.push_back(fmt::format("{}={}", variable, value));
  prepared.command.argv.push_back(program);
  prepared.command.argv.insert(prepared.command.argv.end(), target.argv.begin() + 1, target.argv.end());
  prepared.command.directory = directory;
  prepared.command.time_max = kRunsAtMost;
  prepared.command.grace_time = std::chrono::seconds(10);
  if (connect_to(prepared.host, prepared.port))
    return base::environment_error(fmt::format("something answers at {} before target {} is started", target.url, name),
                                   "end it, or write {port} into the target's url and arguments");
  return prepared;
}

RunningTarget::RunningTarget(const PreparedTarget& prepared)
    : prepared_(prepared), thread_([this](const std::stop_token& stop) {
        Result<base::CommandResult> result = base::run_command(prepared_.command, stop);
        if (result)
          result_ = *std::move(result);
        else if (!stop.stop_requested())  // it could not be started, or wrote more than anybody keeps
          result_ = base::CommandResult{.status = 127, .out = {}, .err = result.error().message};
        has_ended_ = true;
      }) {}

RunningTarget::~RunningTarget() = default;

RunningTarget::State RunningTarget::wait_until_ready(const std::stop_token& stop) const {
  const steady_clock::time_point deadline = steady_clock::now() + prepared_.target.ready_within;
  for (;;) {
    if (stop.stop_requested()) return State::stopped;
    if (has_ended_) return State::ended;
    if (answers(prepared_)) return State::ready;
    if (steady_clock::now() >= deadline) return State::late;
    std::this_thread::sleep_for(kLook);
  }
}

void RunningTarget::end() {
  const bool ended_by_itself = has_ended_;
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  if (!ended_by_itself) result_.reset();
}

}  // namespace gantry::launch
