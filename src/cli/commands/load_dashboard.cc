#include "cli/commands/load_dashboard.h"

#include "base/json.h"
#include "cli/browser.h"
#include "load/dashboard/snapshot.h"
#include "report/load.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace gantry::cli {

namespace {

using base::Result;
using std::chrono::steady_clock;

// What each may have waiting for it, and how many there may be at once: a dashboard is for a team. A browser keeps connections besides the one
// that it watches on.
constexpr std::size_t kWaitingBytesMax = 4 << 20;
constexpr std::size_t kViewersMax = 32;
constexpr std::size_t kConnectionsMax = 4 * kViewersMax;
// As old may be what somebody finds who comes.
constexpr std::chrono::seconds kFresh{1};

constexpr std::string_view kEnd = "event: end\ndata: {}\n\n";

// No page of another origin has anything of it, and nothing of it is kept.
http::Response guarded(std::string_view type, std::string body) {
  return {.headers = {{"Content-Type", std::string(type)},
                      {"Cache-Control", "no-store"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Cross-Origin-Resource-Policy", "same-origin"},
                      {"Referrer-Policy", "no-referrer"}},
          .body = std::move(body)};
}

// A page of another site that has a browser ask for it, as an image for instance; whoever follows a link from there is welcome
// (https://www.w3.org/TR/fetch-metadata/).
bool is_for_another_site(const http::Request& request) {
  if (request.header("Sec-Fetch-Site") != "cross-site") return false;
  return request.header("Sec-Fetch-Mode") != "navigate" || request.header("Sec-Fetch-Dest") != "document";
}

}  // namespace

Result<std::unique_ptr<LoadDashboard>> LoadDashboard::start(const load::DashboardOptions& options, std::string script) {
  std::unique_ptr<LoadDashboard> dashboard(new LoadDashboard(std::move(script), options.period));
  const auto answers = [self = dashboard.get()](auto answer) {
    return http::AsyncHandler([self, answer](const http::Request& request, http::Responder to) {
      if (is_for_another_site(request))
        static_cast<void>(to.respond(http::Response::error(403, "this is not for pages of other sites")));
      else
        answer(*self, std::move(to));
    });
  };
  const auto asks_for = [&](What what) {
    return answers([what](LoadDashboard& self, http::Responder to) { self.ask(what, std::move(to)); });
  };
  http::Router router = TRY(http::Router::create(
      {{.method = "GET", .pattern = "/", .handler = asks_for(What::page)},
       {.method = "GET", .pattern = "/snapshot.json", .handler = asks_for(What::snapshot)},
       {.method = "GET", .pattern = "/events", .handler = answers([](LoadDashboard& self, const http::Responder& to) {
                                                 self.watch(to);
                                               })}}));
  // It shows and changes nothing, so that a person who names an address may let others in. Nobody needs a token for a page. A name of their own
  // that a page lets resolve to here (DNS rebinding) is nobody's name for it, wherever it listens.
  const std::string host = options.host.empty() ? "127.0.0.1" : options.host;
  http::Options listens{.host = host,
                        .port = *options.port,
                        .insecure = true,
                        .hosts = {host},
                        .limits = {.connections_max = kConnectionsMax,
                                   .requests_in_flight_max = kViewersMax,
                                   .send_queue_bytes_max = kWaitingBytesMax}};
  dashboard->server_ = TRY(http::Server::start(std::move(listens), std::move(router)));
  return dashboard;
}

LoadDashboard::LoadDashboard(std::string script, std::chrono::nanoseconds period)
    : script_(std::move(script)), period_(period), policy_(report::load_live_policy()) {}

LoadDashboard::~LoadDashboard() {
  {
    const std::scoped_lock lock(mutex_);
    asked_.clear();
    for (Viewer& viewer : std::exchange(viewers_, {})) {
      static_cast<void>(viewer.to.write(std::string(kEnd)));
      viewer.to.finish();
    }
  }
  if (server_) server_->stop(std::chrono::seconds(1));
}

void LoadDashboard::ask(What what, http::Responder to) {
  const std::scoped_lock lock(mutex_);
  // A run may be long in coming to look, and whoever gave up waiting is not kept for it.
  std::erase_if(asked_, [](const Asked& asked) { return !asked.to.is_open(); });
  if (is_over_)
    static_cast<void>(to.respond(response(what)));
  else
    asked_.push_back({what, std::move(to)});
}

void LoadDashboard::watch(const http::Responder& to) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(viewers_, [](const Viewer& viewer) { return !viewer.to.is_open(); });
  // A browser that loses the stream asks again after so many milliseconds.
  http::BodyWriter viewer = to.start(guarded("text/event-stream", "retry: 2000\n\n"));
  if (is_over_)
    send_end(viewer);
  else
    viewers_.push_back({std::move(viewer)});
}

void LoadDashboard::look(load::RunLook& seen) {
  const std::scoped_lock lock(mutex_);
  Look look{.run = seen, .at = steady_clock::now()};
  for (const Asked& asked : std::exchange(asked_, {})) {
    make(asked.what, look, kFresh);
    static_cast<void>(asked.to.respond(response(asked.what)));
  }
  const bool is_due = look.at - sent_ >= period_;
  const std::chrono::nanoseconds age_max = is_due ? std::chrono::seconds(0) : kFresh;
  if (is_due) sent_ = look.at;
  std::erase_if(viewers_, [&](Viewer& viewer) {
    if (!is_due && !viewer.is_new) return false;
    viewer.is_new = false;
    // Who reads none of it is cut by the server, which holds only so much for each.
    return viewer.to.write(make(What::parts, look, age_max)) == http::SendState::closed;
  });
}

void LoadDashboard::finish(load::RunOutcome& outcome) {
  const std::scoped_lock lock(mutex_);
  made_ = {};
  load::RunLook seen{.phase = load::RunPhase::ended, .outcome = outcome, .elapsed = outcome.duration};
  Look look{.run = seen, .at = steady_clock::now()};
  for (const What what : {What::page, What::parts, What::snapshot}) make(what, look, std::chrono::seconds(0));
  is_over_ = true;
  for (const Asked& asked : std::exchange(asked_, {})) static_cast<void>(asked.to.respond(response(asked.what)));
  for (Viewer& viewer : std::exchange(viewers_, {})) send_end(viewer.to);
}

const std::string& LoadDashboard::make(What what, Look& look, std::chrono::nanoseconds age_max) {
  Made& made = made_[static_cast<std::size_t>(what)];
  if (!made.text.empty() && look.at - made.at <= age_max) return made.text;
  load::RunLook& run = look.run;
  // That of a run which is over is its outcome.
  if (!look.stock) look.stock.emplace(run.take_stock ? run.take_stock() : load::RunProgress());
  made.at = look.at;
  switch (what) {
    case What::page: made.text = report::render_load_live_page(script_, run, *look.stock); break;
    case What::parts:
      made.text = fmt::format("event: parts\ndata: {}\n\n", report::render_load_live_parts(run, *look.stock));
      break;
    case What::snapshot: made.text = base::dump_json(load::make_dashboard_snapshot(run, *look.stock)) + "\n"; break;
  }
  return made.text;
}

http::Response LoadDashboard::response(What what) const {
  if (what == What::snapshot) return guarded("application/json", made(what));
  http::Response page = guarded("text/html; charset=utf-8", made(what));
  page.headers.add("Content-Security-Policy", policy_);
  return page;
}

void LoadDashboard::send_end(http::BodyWriter& to) const {
  static_cast<void>(to.write(made(What::parts) + std::string(kEnd)));
  to.finish();
}

Result<std::unique_ptr<LoadDashboard>> open_dashboard(const Terminal& terminal, const LoadSettings& settings,
                                                      const std::optional<load::DashboardOptions>& options,
                                                      const std::string& script) {
  if (!options) return nullptr;
  auto started = LoadDashboard::start(*options, script);
  if (!started && options->port != load::kDashboardPort) return started;
  if (!started) {
    terminal.show(base::with_context(std::move(started), "the run goes on without its web dashboard").error());
    return nullptr;
  }
  const std::string url = (*started)->url();
  if (!settings.is_quiet) terminal.say(fmt::format("  web dashboard: {}\n", url));
  const auto path = settings.environment.find("PATH");
  if (options->opens_browser)
    if (const Result<void> opens = open_browser(url, path == settings.environment.end() ? "" : path->second); !opens)
      terminal.show(opens.error());
  return started;
}

}  // namespace gantry::cli
