// Scripts that k6 and Gantry must end alike: tests/cli/k6/NAME/main.js, and expected.txt, which k6 2.2.0 made. With K6=/path/to/k6 in
// the environment that program is asked again, and compared with both; GANTRY_UPDATE_GOLDEN=1 then keeps what it says.
//
// A script's comments say how it is run: "// flags: -u 2", "// file NAME: CONTENT", with \n and \r for what ends lines; "// counts: vary" of one that stops when it happens to,
// "// as NAME" of one that is another but for how it is run, "// text: shown" of one whose summary is that on the terminal.

#include "cli/program.h"
#include "http/http.h"
#include "support/certificate.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

namespace gantry::cli {
namespace {

using http::Request;
using http::Response;
using nlohmann::ordered_json;
using test::TempDir;

std::string tell(const Request& request) {
  std::string text = fmt::format("{} {}", request.method, request.path);
  for (const std::string_view name : {"Host", "Content-Type", "Content-Length", "Cookie", "Authorization", "User-Agent",
                                      "Accept-Encoding", "Referer", "X-Custom", "X-Two", "X-Other", "X-A"})
    if (const auto value = request.header(name)) text += fmt::format(" {}={}", name, *value);
  return fmt::format("{} body={}", text, request.body);
}

Response redirect(std::string location, int status = 302) {
  Response response = Response::empty(status);
  response.headers.set("Location", std::move(location));
  return response;
}

Response give_cookies(const Request&) {
  Response response = redirect("/tell");
  for (const std::string_view cookie : {"id=7; Path=/; HttpOnly; Max-Age=60", "deep=1; Path=/deep",
                                        "foreign=1; Domain=example.com", "secret=1; Secure"})
    response.headers.add("Set-Cookie", std::string(cookie));
  return response;
}

// Parts without the boundary, which is another each time.
Response tell_parts(const Request& request) {
  const std::string type(request.header("Content-Type").value_or(""));
  const std::string boundary = type.substr(std::min(type.size(), type.find("boundary=") + 9));
  std::string body = request.body;
  for (std::size_t at = 0; !boundary.empty() && (at = body.find(boundary, at)) != std::string::npos;)
    body.replace(at, boundary.size(), "BOUNDARY");
  return Response::text(type.substr(0, type.find(';')) + "\n" + body);
}

Response away(const Request& request) {
  const std::string host(request.header("Host").value_or(""));
  return redirect("http://localhost" + host.substr(host.find(':')) + "/tell");
}

Response late(const Request&) {
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  return Response::text("late");
}

Response status(const Request& request) {
  Response response = Response::text("as asked");
  response.status = std::atoi(std::string(request.parameter("status")).c_str());
  return response;
}

// Says what it is told; at /ws/close/CODE, goodbye in answer to the first message.
http::WebSocketHandler socket_handler() {
  return [](const Request& request, http::WebSocket socket) {
    const int code = std::atoi(std::string(request.parameter("code")).c_str());
    return http::WebSocketEvents{.on_message = [socket, code](std::string_view message, http::MessageKind kind) {
      if (code != 0)
        socket.close(static_cast<http::CloseCode>(code), "the server's reason");
      else
        std::ignore = socket.send(std::string(message), kind);
    }};
  };
}

http::Router make_routes() {
  const auto answer = [](const Request& request) { return Response::text(tell(request)); };
  std::vector<http::Route> routes;
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"})
    for (const char* pattern : {"/tell", "/deep/tell"})
      routes.push_back({.method = method, .pattern = pattern, .handler = answer});
  const auto add = [&](std::string method, std::string pattern, auto handler) {
    routes.push_back({.method = std::move(method), .pattern = std::move(pattern), .handler = handler});
  };
  for (const char* method : {"GET", "POST", "PUT"})
    add(method, "/moved", [](const Request&) { return redirect("/tell"); });
  add("POST", "/kept", [](const Request&) { return redirect("tell", 307); });
  add("POST", "/echo", [](const Request& request) { return Response::text(request.body); });
  add("POST", "/parts", tell_parts);
  for (const char* pattern : {"/to", "/deep/er/to"})
    add("GET", pattern, [](const Request& request) { return redirect(*request.query_value("at")); });
  add("GET", "/loop", [](const Request&) { return redirect("/loop"); });
  add("GET", "/away", away);
  add("GET", "/give", give_cookies);
  add("GET", "/forget", [](const Request&) {
    Response response = Response::text("gone");
    response.headers.add("Set-Cookie", "id=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    return response;
  });
  add("GET", "/health/saas", [](const Request&) {
    return Response::json(R"({"status":"ok","nats":{"status":"ok"},"openmeter":{"status":"not_configured"}})");
  });
  add("GET", "/late", late);
  add("GET", "/status/{status}", status);
  add("GET", "/ws/echo", socket_handler());
  add("GET", "/ws/close/{code}", socket_handler());
  add("GET", "/ws/refuse", [](const Request&) { return Response::error(403, "not you"); });
  add("GET", "/whence",
      [](const Request& request) { return Response::text(request.peer.substr(0, request.peer.rfind(':'))); });
  return *http::Router::create(std::move(routes));
}

std::unique_ptr<http::Server> start_server(std::optional<http::Tls> tls = {}) {
  auto server = http::Server::start({.hosts = {"*"}, .tls = std::move(tls)}, make_routes());
  EXPECT_TRUE(server);
  return *std::move(server);
}

// AT, and TLS_AT of a script that asks for it.
struct Target {
  explicit Target(const std::string& script) {
    if (!script.contains("TLS_AT")) return;
    const test::Certificate certificate = test::make_certificate("localhost");
    tls = start_server(http::Tls{.certificate_chain = certificate.chain, .private_key = certificate.key});
  }
  std::vector<std::string> variables() const {
    std::vector<std::string> flags = {"-e", "AT=" + plain->url()};
    if (tls) flags.insert(flags.end(), {"-e", "TLS_AT=" + tls->url()});
    return flags;
  }
  // Ports, which are others each time, by name.
  std::string without_ports(std::string text) const {
    const auto replace = [&](const std::string& port, std::string_view name) {
      for (std::size_t at = 0; (at = text.find(port, at)) != std::string::npos;) text.replace(at, port.size(), name);
    };
    replace(std::to_string(plain->port()), "AT");
    if (tls) replace(std::to_string(tls->port()), "TLS_AT");
    return text;
  }

  std::unique_ptr<http::Server> plain = start_server();
  std::unique_ptr<http::Server> tls = {};
};

struct Script {
  std::string text;
  std::vector<std::string> flags = {};
  std::vector<std::pair<std::string, std::string>> files = {};
  bool counts_vary = false;
  bool shows_text = false;
};

std::string unescape(std::string text) {
  for (const auto& [escaped, meant] : {std::pair("\\n", "\n"), std::pair("\\r", "\r")})
    for (std::size_t at = 0; (at = text.find(escaped, at)) != std::string::npos; ++at) text.replace(at, 2, meant);
  return text;
}

Script read_script(const std::string& name) {
  Script script{test::read_test_file("cli/k6/" + name + "/main.js")};
  std::istringstream lines(script.text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("// flags: ")) {
      std::istringstream words(line.substr(10));
      for (std::string word; words >> word;) script.flags.push_back(word);
    } else if (line.starts_with("// file ")) {
      const std::size_t colon = line.find(": ");
      script.files.emplace_back(line.substr(8, colon - 8), unescape(line.substr(colon + 2)));
    } else if (line == "// counts: vary") {
      script.counts_vary = true;
    } else if (line == "// text: shown") {
      script.shows_text = true;
    } else if (line.starts_with("// as ")) {
      script.text = test::read_test_file("cli/k6/" + line.substr(6) + "/main.js");
    }
  }
  if (!script.shows_text && !script.text.contains("handleSummary"))
    script.text += "\nexport const handleSummary = (data) => ({ 'data.json': JSON.stringify(data) });\n";
  return script;
}

// What of a summary is the same in every run: names, types, and the figures that no clock has a part in.
class Shape {
 public:
  explicit Shape(bool counts_vary) : counts_vary_(counts_vary) {}

  ordered_json of(const nlohmann::json& value) const { return of(value, ""); }

 private:
  ordered_json of(const nlohmann::json& value, const std::string& path) const {
    if (value.is_object()) {
      ordered_json shape = ordered_json::object();
      for (const auto& [key, member] : value.items())
        // Those are taken each second, from a moment that is each program's own.
        if (key != "vus" && key != "vus_max") shape[key] = of(member, path + "/" + key);
      return shape;
    }
    if (value.is_array()) {
      std::vector<nlohmann::json> elements(value.begin(), value.end());
      // Metrics come in the order of a map that has none.
      if (path.ends_with("results/metrics"))
        std::ranges::sort(elements, {}, [](const nlohmann::json& metric) { return metric.value("name", ""); });
      ordered_json shape = ordered_json::array();
      for (const auto& element : elements) {
        const auto name = element.find("name");
        if (element.is_object() && name != element.end() && (*name == "vus" || *name == "vus_max")) continue;
        shape.push_back(of(
            element,
            path + "/" +
                (element.is_object() && name != element.end() && name->is_string() ? name->get<std::string>() : "")));
      }
      return shape;
    }
    if (!value.is_number())
      return path.ends_with("/generated_at") || path.ends_with("/script") ? "text" : ordered_json(value);
    if (!is_exact(path)) return "number";
    return std::round(value.get<double>() * 1e6) / 1e6;
  }

  bool is_exact(const std::string& path) const {
    static const std::regex kTimed(
        "duration|blocked|connecting|handshaking|sending|waiting|receiving|data_|/rate$|Ms$");
    static const std::regex kRate("/(rr|my_rate|checks|http_req_failed)[^/]*/");
    return !counts_vary_ && (!std::regex_search(path, kTimed) || std::regex_search(path, kRate));
  }

  bool counts_vary_;
};

// The messages of a log in logrus' text format, in the order of the alphabet: that of VUs is nobody's.
std::string read_console(const std::string& log, const Target& target) {
  std::vector<std::string> said;
  std::istringstream lines(log);
  static const std::regex kMessage("level=([a-z]+) msg=(.*?)(?: source=console)?$");
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_search(line, match, kMessage)) continue;
    said.push_back(target.without_ports("says " + match[1].str() + " " + match[2].str() + "\n"));
  }
  std::ranges::sort(said);
  return fmt::format("{}", fmt::join(said, ""));
}

// One line for each member, and for each metric.
std::string tell_file(const TempDir& dir, const std::string& name, const Shape& shape) {
  if (!std::filesystem::exists(dir.path(name))) return "no " + name + "\n";
  const nlohmann::json value = nlohmann::json::parse(dir.read(name), nullptr, false);
  if (!value.is_object()) return name + ": " + value.dump() + "\n";
  std::string text;
  const ordered_json whole = shape.of(value);
  for (const auto& [key, member] : whole.items()) {
    if (key == "gantry") continue;  // stands beside what k6 has
    if (key != "metrics")
      text += fmt::format("{} {}: {}\n", name, key, member.dump());
    else
      for (const auto& [metric, values] : member.items())
        text += fmt::format("{} {} = {}\n", name, metric, values.dump());
  }
  return text;
}

std::string tell_lines(const std::set<std::string>& lines) { return fmt::format("{}", fmt::join(lines, "")); }

// The samples of an output that there are, each kind of them once: what they are tagged with, and not what they say or when. Those of vus
// are no iteration's.
std::string tell_json_samples(const TempDir& dir) {
  std::set<std::string> told;
  std::istringstream lines(dir.read("samples.json"));
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json sample = nlohmann::json::parse(line, nullptr, false);
    const std::string metric = sample.value("metric", "");
    if (sample.value("type", "") != "Point" || metric.starts_with("vus")) continue;
    const auto& data = sample["data"];
    told.insert(fmt::format("samples.json {} {} {}\n", metric, data["tags"].dump(),
                            data.contains("metadata") ? data["metadata"].dump() : "-"));
  }
  return tell_lines(told);
}

// Tags that have no column of their own, a=b&c=d, come in the order of a map that has none.
std::string sort_tags(const std::string& row) {
  std::istringstream columns(row);
  std::vector<std::string> sorted;
  for (std::string column; std::getline(columns, column, ',');) {
    std::istringstream text(column);
    std::vector<std::string> tags;
    for (std::string tag; std::getline(text, tag, '&');) tags.push_back(tag);
    std::ranges::sort(tags);
    sorted.push_back(fmt::format("{}", fmt::join(tags, "&")));
  }
  return fmt::format("{}", fmt::join(sorted, ","));
}

// The header, and rows without time and value.
std::string tell_csv_samples(const TempDir& dir) {
  std::set<std::string> told;
  std::istringstream lines(dir.read("samples.csv"));
  std::string header;
  std::getline(lines, header);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t time = line.find(',');
    const std::size_t rest = line.find(',', line.find(',', time + 1) + 1);
    if (!line.starts_with("vus"))
      told.insert(fmt::format("samples.csv {}{}\n", line.substr(0, time), sort_tags(line.substr(rest))));
  }
  return fmt::format("samples.csv {}\n{}", header, tell_lines(told));
}

std::string tell_samples(const TempDir& dir) {
  std::string told;
  if (std::filesystem::exists(dir.path("samples.json"))) told += tell_json_samples(dir);
  if (std::filesystem::exists(dir.path("samples.csv"))) told += tell_csv_samples(dir);
  return told;
}

// The checks of a summary as text, in their order; and its thresholds, and the first figure of each metric that no clock has a part in, which
// each program pads and orders as it likes.
std::string tell_text(const std::string& summary) {
  static const std::regex kMetric("^ *([^ ].*?)\\.*: +([^ ]+).*$");
  static const std::regex kOwn("vus|duration|data_|http_req_|expected_response");
  std::string checks;
  std::set<std::string> others;
  std::istringstream lines(summary.substr(0, summary.find("█ AS USERS SEE IT")));  // which k6 does not say
  for (std::string line; std::getline(lines, line);) {
    const std::string text = line.substr(std::min(line.find_first_not_of(' '), line.size()));
    std::smatch match;
    if (text.starts_with("✓ '") || text.starts_with("✗ '")) {
      others.insert("text " + text + "\n");
    } else if (text.starts_with("✓") || text.starts_with("✗") || text.starts_with("↳")) {
      checks += "text " + text + "\n";
    } else if (std::regex_match(line, match, kMetric) && !std::regex_search(match[1].str(), kOwn)) {
      std::string name = match[1];
      std::erase(name, ' ');
      others.insert(fmt::format("text {}: {}\n", name, match[2].str()));
    }
  }
  return checks + tell_lines(others);
}

// Runs a script and tells what it left. `program` and the words that make it run a script.
std::string record(const std::vector<std::string>& program, const Script& script, const Target& target) {
  const TempDir dir;
  dir.write("main.js", script.text);
  for (const auto& [name, content] : script.files) dir.write(name, content);
  std::vector<std::string> arguments = program;
  for (const std::string_view word :
       {"--quiet", "--no-usage-report", "--summary-export", "export.json", "--console-output", "console.txt"})
    arguments.emplace_back(word);
  arguments.insert(arguments.end(), script.flags.begin(), script.flags.end());
  std::ranges::copy(target.variables(), std::back_inserter(arguments));
  arguments.emplace_back("main.js");
  const Ran ran = run(arguments, dir.path(), {{"HOME", dir.path()}});
  const Shape shape(script.counts_vary);
  std::string told = fmt::format("exit {}\n", ran.status);
  if (std::filesystem::exists(dir.path("console.txt"))) told += read_console(dir.read("console.txt"), target);
  if (script.shows_text)
    told += tell_text(ran.out);
  else
    told += tell_file(dir, "data.json", shape);
  told += tell_file(dir, "export.json", shape);
  return told + target.without_ports(tell_samples(dir));
}

class K6Parity : public testing::TestWithParam<std::string> {};

TEST_P(K6Parity, EndsAlike) {
  const Script script = read_script(GetParam());
  const Target target(script.text);
  const std::string golden = "cli/k6/" + GetParam() + "/expected.txt";
  if (const char* k6 = std::getenv("K6")) {
    EXPECT_TRUE(test::matches_golden(record({k6, "run"}, script, target), golden));
  }
  EXPECT_EQ(record({program_path(), "k6", "run"}, script, target), test::read_test_file(golden));
}

INSTANTIATE_TEST_SUITE_P(Scripts, K6Parity, testing::ValuesIn(test::scenario_names("cli/k6")), [](const auto& script) {
  std::string name = script.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace gantry::cli
