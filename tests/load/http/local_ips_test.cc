#include "load/http/local_ips.h"

#include "load/http/lone_client.h"
#include "load/http/scripted_server.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gantry::load {
namespace {

struct Case {
  std::string_view text;
  std::string expected;  // of the VUs 0 to 5
};

const Case kCases[] = {
    {"10.1.2.3", "10.1.2.3 10.1.2.3 10.1.2.3 10.1.2.3 10.1.2.3 10.1.2.3"},
    {"10.0.0.255-10.0.1.1", "10.0.0.255 10.0.0.255 10.0.1.0 10.0.1.1 10.0.0.255 10.0.1.0"},
    {"10.0.0.9,10.0.0.4-10.0.0.5", "10.0.0.9 10.0.0.9 10.0.0.4 10.0.0.5 10.0.0.9 10.0.0.4"},
    // Of a network's addresses the first and the last are nobody's, whichever of them names it.
    {"10.0.0.2/30", "10.0.0.1 10.0.0.1 10.0.0.2 10.0.0.1 10.0.0.2 10.0.0.1"},
    {"10.0.0.2/31", "10.0.0.2 10.0.0.2 10.0.0.3 10.0.0.2 10.0.0.3 10.0.0.2"},
    {"10.0.0.2/32", "10.0.0.2 10.0.0.2 10.0.0.2 10.0.0.2 10.0.0.2 10.0.0.2"},
    {"fd:1::ffff/112", "fd:1:: fd:1:: fd:1::1 fd:1::2 fd:1::3 fd:1::4"},
    {"::1", "::1 ::1 ::1 ::1 ::1 ::1"},
    {"::/0", ":: :: ::1 ::2 ::3 ::4"},
    {"::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,10.0.0.1", ":: :: ::1 ::2 ::3 ::4"},
    {"10.0.0.1,fd::1", "10.0.0.1 10.0.0.1 fd::1 10.0.0.1 fd::1 10.0.0.1"},
    // One of IPv6 is no network of IPv4, whichever of its addresses names it.
    {"::ffff:10.0.0.1/64", ":: :: ::1 ::2 ::3 ::4"},
    {"::ffff:10.0.0.1/126", "10.0.0.1 10.0.0.1 10.0.0.2 10.0.0.1 10.0.0.2 10.0.0.1"},
    {"", "localIPs: \"\" is no address"},
    {"10.0.0.1,", "localIPs: \"\" is no address"},
    {"10.0.0", "localIPs: \"10.0.0\" is no address"},
    {"10.0.0.1, 10.0.0.2", "localIPs: \" 10.0.0.2\" is no address"},
    {{"10.0.0.1\0", 9}, std::string("localIPs: \"10.0.0.1\0\" is no address", 35)},
    {"10.0.0.1/33", "localIPs: \"10.0.0.1/33\" is no network"},
    {"10.0.0.1-10", "localIPs: \"10.0.0.1-10\" is no range"},
    {"10.0.0.1-fd::1", "localIPs: \"10.0.0.1-fd::1\" is a range from IPv4 to IPv6"},
    {"10.0.0.2-10.0.0.1", "localIPs: \"10.0.0.2-10.0.0.1\" is a range that ends before it begins"},
};

TEST(LocalIps, AreDealtOutByVu) {
  for (const Case& c : kCases) {
    const base::Result<LocalIps> ips = LocalIps::parse(c.text);
    if (!ips) {
      EXPECT_EQ(ips.error().message, c.expected);
      continue;
    }
    std::vector<std::string> dealt;
    for (std::uint64_t vu = 0; vu < 6; ++vu) dealt.push_back(ips->of_vu(vu).ip);
    EXPECT_EQ(fmt::format("{}", fmt::join(dealt, " ")), c.expected) << c.text;
  }
}

TEST(LocalIps, AreWhereRequestsComeFrom) {
  std::string from;
  const ScriptedServer server([&from](int fd, int) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size);
    from = ::inet_ntoa(peer.sin_addr);
    if (read_request(fd)) write_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  LoneClient lone;
  lone.client.set_local(LocalIps::parse("127.1.2.3")->of_vu(1));
  EXPECT_EQ(lone.get(server.port), "200 ");
  EXPECT_EQ(from, "127.1.2.3");
  // An address that is not this machine's.
  lone.client.close_idle();
  lone.client.set_local(LocalIps::parse("192.0.2.1")->of_vu(1));
  EXPECT_EQ(lone.get(server.port), "1213 dial: unknown errno 99 error with msg `cannot assign requested address`");
  EXPECT_EQ(lone.last.failure.detail,
            fmt::format("dial tcp 192.0.2.1:0->127.0.0.1:{}: bind: cannot assign requested address", server.port));
  lone.client.set_local(LocalIps::parse("fd00::5")->of_vu(1));
  EXPECT_EQ(lone.get(server.port), "1210 dial tcp: address [fd00::5]:0: no suitable address found");
}

}  // namespace
}  // namespace gantry::load
