// The client against servers that do what servers do: each is a thread on a free loopback port that follows a short script.

#include "load/http/client.h"

#include "load/http/lone_client.h"
#include "load/http/scripted_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <vector>

namespace gantry::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

TEST(HttpClient, KeepsItsConnection) {
  int connections = 0;
  ScriptedServer server([&](int fd, int) {
    ++connections;
    while (read_request(fd)) write_text(fd, kHello);
  });
  {
    LoneClient vu;
    for (int i = 0; i < 10; ++i) EXPECT_EQ(vu.get(server.port), "200 hello");
    EXPECT_EQ(vu.last.times.connecting.count(), 0);
    EXPECT_EQ(vu.last.link().ip, "127.0.0.1");
    EXPECT_EQ(vu.last.link().port, server.port);
    const Traffic traffic = vu.client.take_traffic();
    EXPECT_EQ(traffic.received, 10 * kHello.size());
    EXPECT_EQ(traffic.sent, 10 * std::string_view("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").size());
    EXPECT_EQ(vu.client.take_traffic().sent, 0U);
  }
  EXPECT_EQ(connections, 1);
}

// Of whichever connection.
TEST(HttpClient, ReadsAHeadOnceThatComesAgain) {
  ScriptedServer server([](int fd, int) {
    if (read_request(fd)) write_text(fd, kHello);
  });
  LoneClient vu;
  ASSERT_EQ(vu.get(server.port), "200 hello");
  const ResponseHead first = vu.last.head;
  ASSERT_EQ(vu.get(server.port), "200 hello");
  EXPECT_GT(vu.last.times.connecting.count(), 0);
  EXPECT_EQ(vu.last.head.headers.text().data(), first.headers.text().data());
}

TEST(HttpClient, OpensANewOneWhereTheServerHasClosed) {
  ScriptedServer server([](int fd, int number) {
    if (!read_request(fd)) return;
    write_text(fd, number == 0 ? "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end" : kHello);
    // The third connection promises to stay, and is gone.
  });
  LoneClient vu;
  EXPECT_EQ(vu.get(server.port), "200 until the end");
  EXPECT_EQ(vu.get(server.port), "200 hello");
  EXPECT_GT(vu.last.times.connecting.count(), 0);
  EXPECT_GE(vu.last.times.blocked, vu.last.times.connecting);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(vu.get(server.port), "200 hello");
}

TEST(HttpClient, MeasuresTheThreeParts) {
  ScriptedServer server([](int fd, int) {
    while (read_request(fd)) {
      std::this_thread::sleep_for(milliseconds(30));
      write_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
      std::this_thread::sleep_for(milliseconds(20));
      write_text(fd, "llo");
    }
  });
  LoneClient vu;
  EXPECT_EQ(vu.get(server.port), "200 hello");
  // Where one part ends and the next begins is for the scheduler to say as well; what has passed by then is certain.
  const ExchangeTimes& times = vu.last.times.exchange;
  EXPECT_GE(times.sending + times.waiting, milliseconds(30));
  EXPECT_GE(times.sending + times.waiting + times.receiving, milliseconds(50));
}

// An answer comes when it comes, whoever computes meanwhile.
TEST(HttpClient, TimesNoAnswerByWhenOthersLetItLook) {
  ScriptedServer server([](int fd, int) {
    while (read_request(fd)) {
      std::this_thread::sleep_for(milliseconds(50));
      write_text(fd, kHello);
    }
  });
  constexpr milliseconds kComputes{400};
  LoneClient vu;
  SteadyTime computed;
  vu.beside([&](Crew& crew, Member& self) {
    crew.sleep(self, steady_clock::now() + milliseconds(20));  // the request is on its way by then
    for (const SteadyTime until = steady_clock::now() + kComputes; steady_clock::now() < until;) continue;
    computed = steady_clock::now();
  });
  EXPECT_EQ(vu.get(server.port), "200 hello");
  EXPECT_NE(computed, SteadyTime());
  const ExchangeTimes& times = vu.last.times.exchange;
  EXPECT_GE(times.sending + times.waiting, milliseconds(50));
  EXPECT_LT(times.sending + times.waiting + times.receiving, kComputes);
}

std::uint16_t closed_port() {
  ScriptedServer server([](int, int) {});
  return server.port;
}

TEST(HttpClient, NamesWhatWentWrong) {
  LoneClient vu;
  EXPECT_EQ(vu.get(closed_port()), "1212 dial: connection refused");
  EXPECT_EQ(vu.get(80, milliseconds(5'000), "GET", "no-such-host.invalid"), "1101 lookup: no such host");
  ScriptedServer silent([](int fd, int) {
    while (read_request(fd)) continue;
  });
  EXPECT_EQ(vu.get(silent.port, milliseconds(30)), "1050 request timeout");
  EXPECT_GE(vu.last.times.exchange.sending + vu.last.times.exchange.waiting, milliseconds(20));
  ScriptedServer empty([](int fd, int) { read_request(fd); });
  EXPECT_EQ(vu.get(empty.port), "1000 EOF");
  ScriptedServer cut([](int fd, int) {
    read_request(fd);
    write_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
  });
  EXPECT_EQ(vu.get(cut.port), "1000 unexpected EOF");
  ScriptedServer garbage([](int fd, int) {
    read_request(fd);
    write_text(fd, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
  });
  EXPECT_EQ(vu.get(garbage.port), "1000 malformed HTTP response");
  ScriptedServer reset([](int fd, int) {
    read_request(fd);
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  });
  EXPECT_EQ(vu.get(reset.port), "1220 read: connection reset by peer");
}

// On a connection that has served before too: a server that says nothing is no server that has hung up.
TEST(HttpClient, AsksOnlyOnceWhoIsSilent) {
  int requests = 0;
  {
    // Its thread ends before they are counted: the second request is one that the client does not wait for.
    ScriptedServer server([&](int fd, int) {
      while (read_request(fd))
        if (++requests == 1) write_text(fd, kHello);
    });
    LoneClient vu;
    EXPECT_EQ(vu.get(server.port), "200 hello");
    EXPECT_EQ(vu.get(server.port, milliseconds(40)), "1050 request timeout");
    EXPECT_GE(vu.last.times.exchange.duration(), milliseconds(30));
  }
  EXPECT_EQ(requests, 2);
}

TEST(HttpClient, CountsTheTimeOfAnAttemptThatWasLost) {
  ScriptedServer server([&](int fd, int number) {
    for (int request = 0; read_request(fd); ++request) {
      if (number == 0 && request == 1) return std::this_thread::sleep_for(milliseconds(30));
      write_text(fd, kHello);
    }
  });
  LoneClient vu;
  EXPECT_EQ(vu.get(server.port), "200 hello");
  EXPECT_EQ(vu.get(server.port), "200 hello");
  EXPECT_GE(vu.last.times.blocked, milliseconds(30));
}

// A server that has made up its mind before it has read all, and reads no more: whether it stays or goes.
TEST(HttpClient, TakesAnAnswerBeforeAllIsSent) {
  constexpr std::string_view kTooLarge = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno";
  for (const bool goes : {false, true}) {
    std::vector<int> kept;
    {
      // Its thread ends before they are closed: it keeps them when the client has its answer.
      ScriptedServer server([&](int fd, int) {
        read_request(fd);
        write_text(fd, kTooLarge);
        if (goes) ::shutdown(fd, SHUT_WR);
        kept.push_back(::dup(fd));
      });
      LoneClient vu;
      for (int i = 0; i < 2; ++i)
        EXPECT_EQ(vu.send({.method = "POST", .host = "127.0.0.1", .port = server.port}, std::string(20'000'000, 'x'),
                          std::chrono::seconds(20)),
                  "413 no")
            << goes;
    }
    for (const int fd : kept) ::close(fd);
  }
}

TEST(HttpClient, SendsNothingTwiceThatMayHaveDoneSomething) {
  int requests = 0;
  ScriptedServer server([&](int fd, int number) {
    while (read_request(fd)) {
      ++requests;
      if (number == 0 && requests == 2) return;  // read, and gone without an answer
      write_text(fd, kHello);
    }
  });
  {
    LoneClient vu;
    EXPECT_EQ(vu.get(server.port), "200 hello");
    EXPECT_EQ(vu.get(server.port, milliseconds(5'000), "POST"), "1000 EOF");
    EXPECT_EQ(vu.get(server.port), "200 hello");
  }
  EXPECT_EQ(requests, 3);
}

}  // namespace
}  // namespace gantry::load
