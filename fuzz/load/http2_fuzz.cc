// Any bytes as what an HTTP/2 server says on a new connection: the request ends, one way or the other, and an answer is no larger than what
// came, unpacked.

#include "load/http/http2.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

namespace gantry::load {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

class Loopback {
 public:
  Loopback() {
    crew_->adopt(member_);
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    require(::bind(listener_, reinterpret_cast<sockaddr*>(&address_), size) == 0 && ::listen(listener_, 1) == 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &size);
  }
  // The server's whole part is said before it is asked.
  void answer(std::string_view bytes) {
    Address address{.size = sizeof address_};
    std::memcpy(&address.storage, &address_, sizeof address_);
    const SteadyTime deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    auto connection = Connection::open({*crew_, member_}, {address}, traffic_, deadline);
    require(connection.has_value());
    const int fd = ::accept(listener_, nullptr, nullptr);
    require(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 || bytes.empty());
    ::shutdown(fd, SHUT_WR);
    auto http2 = Http2::start(*std::move(connection));
    require(http2.has_value());
    const auto exchange = (*http2)->exchange({*crew_, member_}, {.request = kRequest, .deadline = deadline});
    if (exchange) require(exchange->head.status >= 200 && exchange->body.size() <= bytes.size());
    if (exchange) require(exchange->head.headers.text().size() <= ResponseParser::kHeadBytesMax);
    if (!exchange) require(exchange.error().failure.code != 0);
    ::close(fd);
  }

 private:
  static constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  std::unique_ptr<Crew> crew_ = *Crew::create();
  Member member_;
  Traffic traffic_;
  int listener_ = -1;
  sockaddr_in address_ = {};
};

}  // namespace
}  // namespace gantry::load

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static gantry::load::Loopback server;
  constexpr std::size_t kBytesMax = 64 << 10;  // what a socket takes at once
  if (size <= kBytesMax) server.answer({reinterpret_cast<const char*>(data), size});
  return 0;
}
