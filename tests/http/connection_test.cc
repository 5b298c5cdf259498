#include "http/connection.h"

#include "http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <thread>

namespace gantry::http {
namespace {

using namespace std::chrono_literals;

Response echo(const Request& request) { return Response::text(request.body); }
Response say_path(const Request& request) { return Response::text(request.path); }

// Short enough for a test to wait for. Longer for the one that also holds for whoever does nothing wrong: between connecting and
// asking a loaded machine may do something else.
Limits quick_limits() {
  return {.idle_time_max = 1s,
          .head_time_max = 150ms,
          .answer_time_max = 150ms,
          .transfer_time_min = 150ms,
          .transfer_rate_min = 1 << 30};
}

// The routes that most tests below talk to.
std::vector<Route> routes() {
  return {
      {.pattern = "/a", .handler = say_path},
      {.pattern = "/b", .handler = say_path},
      {.method = "POST", .pattern = "/echo", .handler = echo},
      {.method = "POST", .pattern = "/small", .handler = echo, .body_bytes_max = 4},
      {.pattern = "/id/{id}",
       .handler = [](const Request& r) { return Response::text(std::string(r.parameter("id"))); }},
      {.pattern = "/large", .handler = [](const Request&) { return Response::text(std::string(4000, 'x')); }},
      {.pattern = "/throws", .handler = [](const Request&) -> Response { throw std::runtime_error("x"); }},
  };
}

TEST(Connection, AnswersRequestsOneAfterTheOther) {
  const auto server = start(routes());
  Client client(server->port());
  EXPECT_EQ(client.ask(get("/a")).summary(), "200 /a");
  EXPECT_EQ(client.ask(get("/id/a%20b?x=y")).summary(), "200 a b");
  EXPECT_EQ(client.ask(post("/echo", "hello")).summary(), "200 hello");
  EXPECT_EQ(client.ask(get("/none")).status, 404);
  EXPECT_EQ(client.ask(get("/throws")).status, 500);
  const Reply wrong_method = client.ask(get("/echo"));
  EXPECT_EQ(wrong_method.status, 405);
  EXPECT_EQ(wrong_method.header("allow"), "POST");
  const Reply options = client.ask("OPTIONS /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.header("allow"), "POST");
  client.send("HEAD /large HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.read(false).header("content-length"), "4000");
  EXPECT_EQ(client.ask(get("/a", "Connection: close\r\n")).header("connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

TEST(Connection, AnswersPipelinedRequestsInOrder) {
  const auto server = start(routes());
  Client client(server->port());
  std::string all;
  for (int i = 0; i < 100; ++i) all += get("/id/" + std::to_string(i)) + post("/echo", "body " + std::to_string(i));
  client.send(all);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(client.read().summary(), "200 " + std::to_string(i));
    EXPECT_EQ(client.read().summary(), "200 body " + std::to_string(i));
  }
}

TEST(Connection, ReadsChunkedBodiesByteByByte) {
  const auto server = start(routes());
  Client client(server->port());
  for (const char c : std::string(
           "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"))
    client.send(std::string_view(&c, 1));
  EXPECT_EQ(client.read().summary(), "200 abcde");
  EXPECT_EQ(client.ask(get("/a")).summary(), "200 /a");
}

TEST(Connection, SpeaksHttp10) {
  const auto server = start(routes());
  Client closing(server->port());
  EXPECT_EQ(closing.ask("GET /a HTTP/1.0\r\n\r\n").summary(), "200 /a");
  EXPECT_TRUE(closing.is_closed());
  Client keeping(server->port());
  EXPECT_EQ(keeping.ask("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").header("connection"), "keep-alive");
  EXPECT_EQ(keeping.ask("GET /b HTTP/1.0\r\n\r\n").summary(), "200 /b");
}

TEST(Connection, AsksAWaitingClientForItsBody) {
  const auto server = start(routes());
  Client client(server->port());
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read().status, 100);
  client.send("hello");
  EXPECT_EQ(client.read().summary(), "200 hello");
  // One that would be refused is told before it sends anything.
  client.send("POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read().status, 413);
}

// What a stranger may not do: the answer, and then the connection ends.
TEST(Connection, RefusesAndCloses) {
  struct Case {
    const char* what;
    std::string bytes;
    int status;
  };
  const Case kCases[] = {
      {"no HTTP", "hello\r\n\r\n", 400},
      {"a long URL", get("/" + std::string(9000, 'a')), 414},
      {"an endless URL", "GET /" + std::string(20'000, 'a'), 414},
      {"a large head", get("/a", "X: " + std::string(20'000, 'a') + "\r\n"), 431},
      {"many fields",
       [] {
         std::string lines;
         for (int i = 0; i < 3000; ++i) lines += "X: y\r\n";
         return get("/a", lines);
       }(),
       431},
      {"a body over the limit", post("/small", "hello"), 413},
      {"a body over the limit, in chunks",
       "POST /small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 413},
      {"a length that nobody could send", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n", 413},
      {"a chunk that is none", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc", 400},
      {"a length and chunks",
       "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b "
       "HTTP/1.1\r\nHost: h\r\n\r\n",
       400},
      {"two lengths",
       "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 30\r\n\r\nGET /b HTTP/1.1\r\nHost: "
       "h\r\n\r\n",
       400},
      {"a compression nobody knows", post("/echo", "x", "Content-Encoding: br\r\n"), 415},
      {"no gzip", post("/echo", "hello", "Content-Encoding: gzip\r\n"), 400},
      {"half a gzip", post("/echo", gzip("hello").substr(0, 10), "Content-Encoding: gzip\r\n"), 400},
      {"a bomb", post("/echo", gzip(std::string(20 << 20, 'a')), "Content-Encoding: gzip\r\n"), 413},
      {"a bomb for a small route", post("/small", gzip("hello"), "Content-Encoding: gzip\r\n"), 413},
      {"no route for a body", post("/none", "hello"), 404},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
  };
  const auto server = start(routes());
  for (const Case& c : kCases) {
    Client client(server->port());
    client.send(c.bytes);
    EXPECT_EQ(client.read().status, c.status) << c.what;
    client.finish_writing();
    EXPECT_TRUE(client.is_closed()) << c.what;
  }
  EXPECT_EQ(Client(server->port()).ask(get("/a")).summary(), "200 /a");
}

TEST(Connection, CutsTheSlow) {
  struct Case {
    const char* what;
    std::string bytes;
    std::string answer;  // how the last bytes of the connection begin
  };
  const Case kCases[] = {
      {"says nothing", "", ""},
      {"says only empty lines", "\r\n\r\n", ""},
      {"half a head", "GET /a HT", "HTTP/1.1 408 "},
      {"half a body", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhe", "HTTP/1.1 408 "},
      {"half a chunk", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe", "HTTP/1.1 408 "},
      {"idle after a request", get("/a"), "HTTP/1.1 200 "},
  };
  const auto server = start(routes(), {.limits = quick_limits()});
  std::vector<std::unique_ptr<Client>> clients;
  for (const Case& c : kCases) {
    clients.push_back(std::make_unique<Client>(server->port()));
    clients.back()->send(c.bytes);
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const std::string answer = clients[i]->read_to_end();
    EXPECT_TRUE(answer.starts_with(kCases[i].answer) && answer.empty() == kCases[i].answer.empty())
        << kCases[i].what << ": " << answer;
  }
}

// A slowloris sends a byte now and then: that it is not silent must not help it. Others are answered meanwhile.
TEST(Connection, CutsASlowloris) {
  const auto server = start(routes(), {.limits = quick_limits()});
  for (const std::string start_of_request :
       {"GET /a HTTP/1.1\r\nX: ", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n"}) {
    Client slow(server->port());
    slow.send(start_of_request);
    int sent = 0;
    while (sent < 2000 && slow.send("x")) {
      ++sent;
      if (sent % 10 == 0) {
        EXPECT_EQ(Client(server->port()).ask(get("/a")).summary(), "200 /a");
      }
      std::this_thread::sleep_for(5ms);
    }
    EXPECT_LT(sent, 2000) << start_of_request;
  }
}

TEST(Connection, CutsASlowReader) {
  std::mutex mutex;
  std::vector<Outcome> outcomes;
  Options options{.limits = quick_limits(), .access_log = [&](const AccessRecord& record) {
                    const std::lock_guard lock(mutex);
                    outcomes.push_back(record.outcome);
                  }};
  const auto server =
      start({{.pattern = "/huge", .handler = [](const Request&) { return Response::text(std::string(32 << 20, 'x')); }},
             {.pattern = "/a", .handler = say_path}},
            std::move(options));
  Client slow(server->port());
  slow.shrink_buffers();
  slow.send(get("/huge"));
  EXPECT_EQ(Client(server->port()).ask(get("/a")).summary(), "200 /a");
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return std::ranges::find(outcomes, Outcome::cut) != outcomes.end();
  }));
  EXPECT_LT(slow.read_to_end().size(), std::size_t{32} << 20);
}

// A client that was quick has hours left by its pace; it must not spend them silent.
TEST(Connection, CutsWhoeverStalls) {
  Limits limits = quick_limits();
  limits.transfer_time_min = 1h;
  limits.stall_time_max = 150ms;
  const auto server = start(
      {{.method = "POST", .pattern = "/echo", .handler = echo},
       {.pattern = "/huge", .handler = [](const Request&) { return Response::text(std::string(32 << 20, 'x')); }}},
      {.limits = limits});
  Client sender(server->port());
  sender.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n" + std::string(400'000, 'x'));
  EXPECT_EQ(sender.read().status, 408);
  Client reader(server->port());
  reader.shrink_buffers();
  reader.send(get("/huge"));
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
}

// Nobody says goodbye where a network has gone. A stream that has nothing to say must notice it as well as one that has.
TEST(Connection, NoticesThatTheClientOfAStreamIsGone) {
  std::mutex mutex;
  std::map<std::string, BodyWriter> writers;
  const auto server = start({{.pattern = "/{name}",
                              .handler =
                                  [&](const Request& request, const Responder& responder) {
                                    const std::lock_guard lock(mutex);
                                    writers.emplace(request.parameter("name"), responder.start(Response::text("1")));
                                  }}},
                            {.limits = {.stall_time_max = 1s}});
  const auto open = [&](const std::string& name) {
    auto client = std::make_unique<Client>(server->port());
    client->send(get("/" + name, "Connection: close\r\n"));
    EXPECT_EQ(client->read_bytes(9), "HTTP/1.1 ") << name;
    return client;
  };
  const auto is_open = [&](const std::string& name) {
    const std::lock_guard lock(mutex);
    return writers.at(name).is_open();
  };
  const auto resets = open("resets");
  const auto listens = open("listens");
  const auto vanishes = open("vanishes");
  const auto vanishes_while_told = open("vanishes-while-told");
  resets->reset();
  vanishes->vanish();
  vanishes_while_told->vanish();
  EXPECT_TRUE(eventually([&] { return !is_open("resets"); }));
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return writers.at("vanishes-while-told").write("x") == SendState::closed;
  }));
  EXPECT_TRUE(eventually([&] { return !is_open("vanishes"); }));
  EXPECT_TRUE(eventually([&] { return server->connections() == 1; }));
  // Who is silent because nobody tells it anything is not gone.
  {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(writers.at("listens").write(" 2"), SendState::sent);
    writers.at("listens").finish();
  }
  EXPECT_THAT(listens->read_to_end(), testing::HasSubstr(" 2"));
}

TEST(Connection, CompressesAndDecompresses) {
  const auto server = start(routes());
  Client client(server->port());
  const Reply zipped = client.ask(get("/large", "Accept-Encoding: gzip\r\n"));
  EXPECT_EQ(zipped.header("content-encoding"), "gzip");
  EXPECT_EQ(zipped.header("vary"), "Accept-Encoding");
  EXPECT_LT(zipped.body.size(), 200u);
  EXPECT_EQ(gunzip(zipped.body), std::string(4000, 'x'));
  const Reply plain = client.ask(get("/large"));
  EXPECT_EQ(plain.body.size(), 4000u);
  EXPECT_EQ(plain.header("vary"), "Accept-Encoding");
  EXPECT_EQ(client.ask(post("/echo", gzip("hello") + gzip(", world"), "Content-Encoding: gzip\r\n")).summary(),
            "200 hello, world");
}

TEST(Connection, RefusesMoreConnectionsThanItMayHave) {
  const auto server = start(routes(), {.limits = {.connections_max = 2}});
  Client one(server->port());
  Client two(server->port());
  EXPECT_EQ(one.ask(get("/a")).status, 200);
  EXPECT_EQ(two.ask(get("/a")).status, 200);
  for (int i = 0; i < 20; ++i) {
    Client three(server->port());
    EXPECT_EQ(three.read().status, 503);
    EXPECT_TRUE(three.is_closed());
  }
  EXPECT_EQ(one.ask(get("/b")).summary(), "200 /b");
  one.finish_writing();
  EXPECT_TRUE(one.is_closed());
  EXPECT_TRUE(eventually([&] { return server->connections() == 1; }));
  EXPECT_EQ(Client(server->port()).ask(get("/a")).status, 200);
}

TEST(Connection, AsksForItsToken) {
  std::vector<Route> table = routes();
  table.push_back({.pattern = "/health", .handler = say_path, .access = Access::open});
  const auto server = start(std::move(table), {.token = "s3cret"});
  Client client(server->port());
  const Reply without = client.ask(get("/a"));
  EXPECT_EQ(without.status, 401);
  EXPECT_EQ(without.header("www-authenticate"), "Bearer");
  EXPECT_EQ(client.ask(get("/a", "Authorization: Bearer wrong\r\n")).status, 401);
  EXPECT_EQ(client.ask(get("/a", "Authorization: Bearer s3cret\r\n")).summary(), "200 /a");
  EXPECT_EQ(client.ask(get("/health")).summary(), "200 /health");
  // Who has no token learns nothing about limits either.
  EXPECT_EQ(client.ask(post("/small", "hello")).status, 401);
}

// As a browser asks for a page whose owner has let its name resolve to this machine.
TEST(Connection, AnswersToItsOwnNamesOnly) {
  const auto server = start(routes());
  Client client(server->port());
  const auto ask = [&](std::string_view line, std::string_view host) {
    return client.ask(std::string(line) + " HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n").status;
  };
  EXPECT_EQ(ask("GET /a", "evil.example:8000"), 421);
  EXPECT_EQ(ask("GET /none", "evil.example"), 421);
  EXPECT_EQ(ask("OPTIONS *", "evil.example"), 421);
  EXPECT_EQ(ask("GET http://evil.example/a", "localhost"), 421);
  EXPECT_EQ(ask("GET /a", "localhost"), 200);
  EXPECT_EQ(ask("GET http://127.0.0.1/a", "evil.example"), 200);
  const std::string upload = "POST /echo HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 5\r\n\r\nhello";
  EXPECT_EQ(client.ask(upload).status, 421);
  client.finish_writing();
  EXPECT_TRUE(client.is_closed());
}

// A form of any page may be sent here without a preflight; that the answer can't be read undoes nothing.
TEST(Connection, LetsPagesOfOtherOriginsDoNothing) {
  struct Case {
    const char* what;
    const char* origin;
    int status;
  };
  const Case kCases[] = {
      {"a stranger's page", "Origin: https://evil.example\r\n", 403},
      {"a page that does not say whose", "Origin: null\r\n", 403},
      {"a page of another server here", "Origin: http://localhost:3000\r\n", 403},
      {"a page of this one", "Origin: http://h\r\n", 200},
      {"a page that may", "Origin: https://a.example\r\n", 200},
      {"a program", "", 200},
  };
  const auto server = start(routes(), {.cors = {.origins = {"https://a.example"}}});
  const auto with_token = start(routes(), {.token = "t"});
  for (const Case& c : kCases) {
    EXPECT_EQ(Client(server->port()).ask(post("/echo", "x", c.origin)).status, c.status) << c.what;
    EXPECT_EQ(Client(server->port()).ask(get("/a", c.origin)).status, 200) << c.what;
    const std::string bearer = std::string("Authorization: Bearer t\r\n") + c.origin;
    EXPECT_EQ(Client(with_token->port()).ask(post("/echo", "x", bearer)).status, 200) << c.what << ", with a token";
  }
}

TEST(Connection, AppliesCors) {
  const auto server = start(routes(), {.token = "t", .cors = {.origins = {"https://a.example"}}});
  Client client(server->port());
  const Reply preflight = client.ask(
      "OPTIONS /echo HTTP/1.1\r\nHost: h\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.header("access-control-allow-methods"), "POST");
  EXPECT_EQ(preflight.header("access-control-allow-origin"), "https://a.example");
  // A page may read why it was refused.
  EXPECT_EQ(client.ask(get("/a", "Origin: https://a.example\r\n")).header("access-control-allow-origin"),
            "https://a.example");
  EXPECT_EQ(client.ask(get("/a", "Origin: https://b.example\r\n")).header("access-control-allow-origin"), "");
}

TEST(Connection, AnswersLaterFromAnotherThread) {
  std::vector<std::jthread> threads;
  std::vector<Route> table = {
      {.method = "POST",
       .pattern = "/later",
       .handler =
           [&](Request request, Responder responder) {
             threads.emplace_back(
                 [request, responder] { std::ignore = responder.respond(Response::text("later " + request.body)); });
           }},
      {.pattern = "/at-once",
       .handler = [](Request request,
                     Responder responder) { std::ignore = responder.respond(Response::text(request.path)); }},
      {.pattern = "/never", .handler = [](Request, Responder) {}},
      {.pattern = "/throws", .handler = [](Request, Responder) { throw std::runtime_error("x"); }},
  };
  const auto server = start(std::move(table));
  Client client(server->port());
  client.send(post("/later", "one") + post("/later", "two") + get("/at-once") + get("/never") + get("/throws") +
              post("/later", "three"));
  EXPECT_EQ(client.read().summary(), "200 later one");
  EXPECT_EQ(client.read().summary(), "200 later two");
  EXPECT_EQ(client.read().summary(), "200 /at-once");
  EXPECT_EQ(client.read().status, 500);
  EXPECT_EQ(client.read().status, 500);
  EXPECT_EQ(client.read().summary(), "200 later three");
}

TEST(Connection, AnswersForAHandlerThatIsTooLate) {
  std::mutex mutex;
  std::vector<Responder> kept;
  const auto server = start({{.pattern = "/late",
                              .handler =
                                  [&](Request, Responder responder) {
                                    const std::lock_guard lock(mutex);
                                    kept.push_back(std::move(responder));
                                  }}},
                            {.limits = quick_limits()});
  EXPECT_EQ(Client(server->port()).ask(get("/late")).status, 503);
  const std::lock_guard lock(mutex);
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_TRUE(eventually([&] { return !kept[0].is_open(); }));
  EXPECT_EQ(kept[0].respond({}), SendState::closed);
}

TEST(Connection, LimitsRequestsInFlight) {
  std::mutex mutex;
  std::vector<Responder> kept;
  std::vector<Route> table = routes();
  table.push_back({.pattern = "/wait", .handler = [&](Request, Responder responder) {
                     const std::lock_guard lock(mutex);
                     kept.push_back(std::move(responder));
                   }});
  const auto server = start(std::move(table), {.limits = {.requests_in_flight_max = 2}});
  Client one(server->port());
  Client two(server->port());
  Client three(server->port());
  one.send(get("/wait"));
  two.send(get("/wait"));
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return kept.size() == 2;
  }));
  const Reply busy = three.ask(get("/a"));
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.header("retry-after"), "1");
  for (const Responder& responder : kept) EXPECT_EQ(responder.respond(Response::text("now")), SendState::sent);
  EXPECT_EQ(one.read().summary(), "200 now");
  EXPECT_EQ(two.read().summary(), "200 now");
  EXPECT_EQ(three.ask(get("/a")).summary(), "200 /a");
}

TEST(Connection, StreamsAResponse) {
  std::vector<std::jthread> threads;
  const auto server = start({{.pattern = "/stream",
                              .handler =
                                  [&](Request, Responder responder) {
                                    threads.emplace_back([responder] {
                                      BodyWriter writer = responder.start(Response::text("0"));
                                      for (int i = 1; i < 500; ++i) std::ignore = writer.write(" " + std::to_string(i));
                                      writer.finish();
                                    });
                                  }},
                             {.pattern = "/half", .handler = [](Request, Responder responder) {
                                std::ignore = responder.start(Response::text("half")).write(" of it");
                              }}});
  std::string expected = "0";
  for (int i = 1; i < 500; ++i) expected += " " + std::to_string(i);
  Client client(server->port());
  EXPECT_EQ(client.ask(get("/stream")).summary(), "200 " + expected);
  const Reply zipped = client.ask(get("/stream", "Accept-Encoding: gzip\r\n"));
  EXPECT_EQ(gunzip(zipped.body), expected);
  client.send("HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.read(false).header("transfer-encoding"), "chunked");
  EXPECT_EQ(client.ask("GET /stream HTTP/1.0\r\n\r\n").summary(), "200 " + expected);
  // Half a body is not given out as a whole one: its last chunk is missing.
  Client other(server->port());
  other.send(get("/half"));
  EXPECT_FALSE(other.read_to_end().ends_with("0\r\n\r\n"));
}

TEST(Connection, SlowsAWriterDownToItsClient) {
  constexpr std::size_t kPieces = 2000;
  constexpr std::size_t kPieceBytes = 16 << 10;  // 32 MB in all, many times what the queue and the kernel hold
  std::atomic<std::size_t> written = 0;
  std::vector<std::jthread> threads;
  const auto server = start({{.pattern = "/stream", .handler = [&](Request, Responder responder) {
                                threads.emplace_back([&written, responder] {
                                  BodyWriter writer = responder.start(Response{});
                                  for (std::size_t i = 0; i < kPieces; ++i) {
                                    ++written;
                                    if (writer.write(std::string(kPieceBytes, 'x')) != SendState::full) continue;
                                    std::atomic<bool> is_ready = false;
                                    writer.on_ready([&] {
                                      is_ready = true;
                                      is_ready.notify_one();
                                    });
                                    is_ready.wait(false);
                                  }
                                  writer.finish();
                                });
                              }}});
  Client client(server->port());
  client.send(get("/stream"));
  EXPECT_TRUE(eventually([&] { return written > 10; }));
  EXPECT_EQ(client.read().body.size(), kPieces * kPieceBytes);
}

TEST(Connection, HandsOverUploadsInPieces) {
  std::atomic<int> pieces = 0;
  std::atomic<int> cut = 0;
  const auto upload = [&](const Request&, Upload handle) {
    auto size = std::make_shared<std::size_t>(0);
    return UploadEvents{.on_piece =
                            [&pieces, size](std::string_view piece) {
                              ++pieces;
                              *size += piece.size();
                            },
                        .on_end =
                            [&cut, size, handle](UploadEnd end) {
                              if (end != UploadEnd::complete) ++cut;
                              std::ignore = handle.responder().respond(Response::text(std::to_string(*size)));
                            }};
  };
  const auto server =
      start({{.method = "POST", .pattern = "/upload", .handler = UploadHandler(upload), .body_bytes_max = 100'000'000},
             {.method = "POST", .pattern = "/limited", .handler = UploadHandler(upload), .body_bytes_max = 1000}});
  Client client(server->port());
  EXPECT_EQ(client.ask(post("/upload", std::string(2'000'000, 'x'))).summary(), "200 2000000");
  EXPECT_GT(pieces, 10);
  EXPECT_EQ(client.ask(post("/upload", gzip(std::string(3'000'000, 'x')), "Content-Encoding: gzip\r\n")).summary(),
            "200 3000000");
  EXPECT_EQ(client.ask(post("/upload", "")).summary(), "200 0");
  EXPECT_EQ(cut, 0);
  client.send("POST /limited HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nfff\r\n" +
              std::string(0xfff, 'x'));
  EXPECT_EQ(client.read().status, 413);
  EXPECT_EQ(cut, 1);
  {
    Client leaving(server->port());
    leaving.send("POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
  }
  EXPECT_TRUE(eventually([&] { return cut == 2; }));
}

TEST(Connection, AnswersAnUploadBeforeItsEnd) {
  const auto server = start({{.method = "POST", .pattern = "/early", .handler = [](const Request&, Upload upload) {
                                return UploadEvents{.on_piece = [upload](std::string_view) {
                                  std::ignore = upload.responder().respond(Response::text("enough", 409));
                                }};
                              }}});
  Client client(server->port());
  client.send("POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nsome");
  const Reply reply = client.read();
  EXPECT_EQ(reply.summary(), "409 enough");
  EXPECT_EQ(reply.header("connection"), "close");
}

TEST(Connection, PausesAnUpload) {
  // What comes after the pause lies in the kernel's buffers, so that it is quick enough on any machine.
  const Limits limits{.transfer_time_min = 500ms, .transfer_rate_min = 1 << 20};
  constexpr auto kPause = 700ms;
  std::mutex mutex;
  std::optional<Upload> paused;
  std::atomic<std::size_t> received = 0;
  const auto server = start(
      {{.method = "POST",
        .pattern = "/paused",
        .handler =
            [&](const Request&, Upload upload) {
              upload.pause();
              const std::lock_guard lock(mutex);
              paused = upload;
              return UploadEvents{
                  .on_piece = [&](std::string_view piece) { received += piece.size(); },
                  .on_end = [upload](UploadEnd) { std::ignore = upload.responder().respond(Response::text("all")); }};
            },
        .body_bytes_max = 10'000'000}},
      {.limits = limits});
  Client client(server->port());
  std::jthread sender([&] { client.send(post("/paused", std::string(9'000'000, 'x'))); });
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return paused.has_value();
  }));
  std::this_thread::sleep_for(kPause);  // longer than the limit on slow bodies: a paused client is not slow
  EXPECT_LT(received, 9'000'000u);
  {
    const std::lock_guard lock(mutex);
    paused->resume();
    paused.reset();
  }
  EXPECT_EQ(client.read().summary(), "200 all");
  EXPECT_EQ(received, 9'000'000u);
}

TEST(Connection, TellsTheFactsOfEachRequest) {
  std::mutex mutex;
  std::vector<std::string> lines;
  const auto server =
      start(routes(), {.access_log = [&](const AccessRecord& r) {
              const std::lock_guard lock(mutex);
              lines.push_back(std::string(r.method) + " " + std::string(r.path) + " " + std::string(r.route) + " " +
                              std::to_string(r.status) + " " + std::to_string(r.request_bytes) + " " +
                              std::to_string(r.response_bytes) + " " + std::string(to_string(r.outcome)) +
                              (r.duration.count() > 0 && r.peer.starts_with("127.0.0.1:") ? "" : " ?") +
                              (r.response_headers.contains("Content-Type") ? "" : " no type"));
            }});
  Client client(server->port());
  client.ask(get("/id/7?token=secret"));
  client.ask(post("/echo", "hello"));
  client.ask(get("/none"));
  client.ask("hello\r\n\r\n");
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return lines.size() == 4;
  }));
  const std::string error_bytes = std::to_string(Response::error(404, "no such route").body.size());
  EXPECT_EQ(lines[0], "GET /id/7 /id/{id} 200 0 1 answered");
  EXPECT_EQ(lines[1], "POST /echo /echo 200 5 5 answered");
  EXPECT_EQ(lines[2], "GET /none  404 0 " + error_bytes + " answered");
  EXPECT_THAT(lines[3], testing::HasSubstr("400"));
}

TEST(Connection, UsesTheErrorsOfItsOwner) {
  const base::FixedClock clock(*base::parse_rfc3339("2026-11-29T21:05:09Z"));
  const auto server = start(routes(), {.error_response =
                                           [](int status, std::string_view message) {
                                             return Response::text("sorry: " + std::string(message), status);
                                           },
                                       .clock = &clock});
  Client client(server->port());
  EXPECT_EQ(client.ask(get("/none")).summary(), "404 sorry: no such route");
  EXPECT_EQ(client.ask(get("/a")).header("date"), "Sun, 29 Nov 2026 21:05:09 GMT");
}

}  // namespace
}  // namespace gantry::http
