#pragma once

// One VU: its script, its connections, and what its samples are tagged with. Used by the VU's fiber, and by the
// director while that waits.

#include "load/crew/crew.h"
#include "load/crew/hands.h"
#include "load/http/client.h"
#include "load/http/local_ips.h"
#include "load/load.h"
#include "load/measure/measurement.h"
#include "load/metrics/recorder.h"
#include "load/options/requests.h"
#include "load/options/scenario.h"
#include "load/options/secrets.h"
#include "load/options/system_tags.h"
#include "load/script/script_context.h"
#include "load/vu/flights.h"
#include "load/vu/request_plan.h"
#include "load/vu/status_ranges.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gantry::load {

// What the samples of one group of one scenario have in common, found once: most samples are like one before. Those that a script gives tags
// of its own have a place of their own, within.
struct SamplePlace {
  struct Check {
    ScriptCheck* by_name = nullptr;
    ScriptCheck* in_group = nullptr;  // null where its tags name none
    TagSetId tags = 0;
  };
  Tags all_tags;                                       // of a sample that has none of its own
  TagSetId tags;                                       // the same, interned
  bool has_ended = false;                              // once; then the summary has the group
  std::unordered_map<std::string, Check> checks = {};  // by name
  // The same by the name's own identity, in the order of a check() before: a name of a member is one object for all scripts.
  std::vector<std::pair<v8::Global<v8::String>, Check*>> known_checks = {};
  RequestPlans requests = {};
  // By the names and values of those tags, as pair_text.h has texts.
  std::unordered_map<std::string, std::shared_ptr<SamplePlace>> with_tags = {};
};

struct Shapes;
struct WebSockets;

// Functions of the VU's context that natives call: Object.keys, before a script can change it, and those of modules/http.js (request.h);
// and what that has said.
struct ScriptHooks {
  v8::Global<v8::Function> keys = {};
  v8::Global<v8::Function> request = {};
  v8::Global<v8::Function> settle = {};
  v8::Global<v8::Function> json = {};
  ExpectedStatuses expected = usual_statuses();  // of http.setResponseCallback()
  bool may_have_cookies = false;                 // that requests carry
  std::shared_ptr<WebSockets> sockets = {};      // none until there is one
};

// How far the scenarios are.
struct PlayState {
  SteadyTime began{};
  std::map<std::string, std::uint64_t> started = {};  // iterations, by scenario
  std::uint64_t completed = 0;
  std::uint64_t interrupted = 0;
  std::size_t vus = 0;
  std::function<std::size_t()> vus_active = {};
  Measurement* measurement = nullptr;  // outlives the scenarios
};

// What the VUs of one crew share. Used by whoever of them has the turn.
struct CrewState {
  Crew& crew;
  Hands& hands;
  ScriptIsolate& isolate;
  ModuleSources& sources;
  MetricRegistry& registry;
  Recorder& recorder;
  Resolver& resolver;
  SharedTls& tls;
  ScriptChecks& checks;
  Log log;
  Log console = {};                   // of functions; none where that is `log`
  std::chrono::nanoseconds slept{0};  // in sleep(), by all VUs together
  RequestOptions requests = {};
  RequestPace* pace = nullptr;
  const ProxyRules* proxies = nullptr;
  std::optional<LocalIps> local_ips = {};  // where VUs' connections come from
  SystemTags system_tags = {};
  bool has_global_alias = true;
  std::optional<bool> replaces_intrinsics =
      {};                      // whether the script may (script/intrinsics.h), once a VU has evaluated it
  Secrets* secrets = nullptr;  // none: there are no sources
  SteadyTime started{};        // of the run: samples count their time from here
  Tags run_tags = {};          // on every sample
  std::map<std::string, std::string> env = {};  // __ENV
  std::map<std::pair<std::string, std::optional<std::string>>, std::shared_ptr<SamplePlace>> places =
      {};                               // by the tags of VUs, and group
  std::shared_ptr<Shapes> shapes = {};  // none until a native needs them
  PlayState play = {};
  Stripe vus = {};                    // which of all processes' VUs are this one's
  std::string options_json = "{}";    // as they are in force
  std::string own_options_json = {};  // the same, as the script's own object is to have them; "" until they are known
  bool has_left_promise = false;      // a top level, and could not be loaded (ScriptContext)
  std::optional<std::string> aborted = {};        // what a script said that ended the run
  std::optional<std::string> marked_failed = {};  // what a script said that lets it end as failed
  std::map<std::string, std::vector<std::string>, std::less<>> shared_arrays = {};  // their elements, as JSON, by name

  // As the crew's own, by a VU, which has V8 locked: not while it waits.
  Wake sleep(Member& member, SteadyTime until);
  Wake park(Member& member, SteadyTime until = kNever);
  void give_way(Member& member);
};

class Vu {
 public:
  // `member` is the fiber that runs it; both outlive this. `number` is __VU: 0 for the init context, setup and teardown.
  Vu(CrewState& shared, Member& member, std::uint64_t number);

  // Evaluates the script: the init context, in which nothing may be sent or recorded.
  base::Result<void> load(const std::string& path);

  // What the iterations from now on belong to. `responses` outlives them.
  void enter_scenario(const Scenario& scenario, ResponseTimes& responses);
  // One iteration: __ITER counts it, and the function gets what setup returned.
  std::expected<void, ScriptException> iterate(std::string_view function);
  // For every iteration from now on; this VU's own copy.
  std::expected<void, ScriptException> keep_setup_data(const std::string& json);
  // Any other function, with its value as JSON; in the group that was started.
  std::expected<std::optional<std::string>, ScriptException> call(std::string_view function,
                                                                  std::span<const std::string> json_arguments);
  // The same for one whose value is of no interest.
  std::expected<void, ScriptException> call_for_nothing(std::string_view function,
                                                        std::span<const std::string> json_arguments);
  // The same for one that returns texts by name (ScriptContext::call_for_texts).
  std::expected<std::optional<std::map<std::string, std::string>>, ScriptException> call_for_texts(
      std::string_view function, std::span<const std::string> json_arguments);

  // When whatever it does is to be interrupted; for setup, teardown and handleSummary. kNever at first.
  void set_deadline(SteadyTime deadline) { deadline_ = deadline; }
  SteadyTime deadline() const { return deadline_; }

  CrewState& shared() { return shared_; }
  Member& member() { return member_; }
  Waiting waiting() { return {shared_.crew, member_}; }
  HttpClient& client() { return client_; }
  ScriptContext& script() { return script_; }
  Flights& flights() { return flights_; }
  std::uint64_t number() const { return number_; }
  bool is_init() const { return is_init_; }
  // In the init context: what the script has replaced so far of the language does not disturb k6's modules (script/intrinsics.h).
  void guard_in_init() {
    if (is_init_) script_.intrinsics().guard(script_.context());
  }
  std::int64_t iteration() const { return iteration_; }  // __ITER: -1 before the first
  // Where k6/experimental/fs looks from, and open() outside of modules: that of the script.
  std::string_view folder() const { return folder_; }
  SampleTime since_start(SteadyTime time = std::chrono::steady_clock::now()) const { return time - shared_.started; }

  // The tags of a sample taken now, and those on top of them: later ones win.
  TagSetId tags(std::span<const Tag> more = {});
  // Of a sample taken now; for as long as no script runs.
  SamplePlace& place();
  // The same, of one that has these tags of its own. Stays, whatever runs.
  std::shared_ptr<SamplePlace> shared_place(std::span<const Tag> own = {});
  void start_group(std::string_view name);
  void end_group();
  const Scenario* scenario() const { return scenario_plan_; }                     // null outside of iterations
  std::uint64_t iteration_in_instance() const { return iteration_in_instance_; }  // of the scenario, here
  std::uint64_t iteration_in_test() const;                                        // the same in all processes
  std::uint64_t number_in_test() const;                                           // of this VU among those of all
  std::uint64_t iteration_in_scenario() const { return iteration_in_scenario_; }  // of this VU in it
  // Of a sample that has none of its own.
  Tags all_tags() const;
  // What a script gives to all samples of the VU, until it plays another scenario; k6's own of the scenario and the group too, which are
  // its to change. A group that ends puts back the one around it.
  void set_own_tag(std::string_view name, std::string_view value);
  void drop_own_tag(std::string_view name);
  // What goes with each sample of the VU, until it plays another scenario, and tells no series apart.
  Tags& metadata() { return metadata_; }
  // A sample of this VU.
  template <typename Metric>
  void record(Metric metric, double value, TagSetId tags, SampleTime at) {
    shared_.recorder.add(metric, value, tags, at, metadata_);
  }
  void record(std::span<const Reading> readings, TagSetId tags, SampleTime at) {
    shared_.recorder.add(readings, tags, at, metadata_);
  }
  ScriptHooks& hooks() { return hooks_; }
  // What it is at in its scenario, for those who measure that.
  ResponseTimes::Turn& turn() { return turn_; }
  // What went over the wire since the last time.
  void record_traffic(SampleTime now);
  // A request or a socket went there: "127.0.0.1:8000". `count` is where that is counted, null until it is known.
  void note_place(std::string_view place, std::uint64_t*& count);
  // An answer came, or it was then that none would: what came before the exchange, and the exchange (http_req_duration).
  // `status` is 0 where there is none.
  void note_answer(SteadyTime at, std::chrono::nanoseconds before, double duration_ms, bool has_failed, int status);
  // A request that was sent, or was to be, when the iteration was interrupted.
  void note_unanswered(SteadyTime asked);
  // The script wanted to sleep, and was woken late.
  void note_sleep(std::chrono::nanoseconds slept, std::chrono::nanoseconds late);

 private:
  std::expected<void, ScriptException> as_ended(std::expected<void, ScriptException> done) const;
  void begin_tags(Tags tags);
  std::shared_ptr<SamplePlace> make_place(Tags tags);
  void leave_groups();
  void leave_group();
  void forget_tags_key();
  void tell_iteration();

  CrewState& shared_;
  Member& member_;
  std::uint64_t number_;
  HttpClient client_;
  ScriptContext script_;
  Flights flights_;  // after the client, which they use
  bool is_init_ = true;
  std::string folder_ = {};
  SteadyTime deadline_ = kNever;
  std::string scenario_ = {};
  Tags base_tags_ = {};                    // all but the group
  std::optional<std::string> group_ = {};  // that tag, "::a::b" as a rule: it changes often, and is kept apart
  struct Group {
    std::string outer;  // the tag before
    SteadyTime begun;
  };
  std::vector<Group> groups_ = {};  // that the VU is in
  Tags metadata_ = {};
  std::int64_t iteration_ = -1;
  const Scenario* scenario_plan_ = nullptr;
  std::uint64_t iteration_in_instance_ = 0;
  std::uint64_t iteration_in_scenario_ = 0;
  std::string tags_key_ = {};                // base_tags_, as pair_text.h has texts: what tells one place from another
  std::shared_ptr<SamplePlace> place_ = {};  // null where it was not looked for yet
  ScriptHooks hooks_ = {};
  ResponseTimes* responses_ = nullptr;  // of the scenario
  ResponseTimes::Turn turn_ = {};
};

// The VU whose script runs in this context; null before it has one.
Vu* vu_of(v8::Local<v8::Context> context);
// That calls a native.
inline Vu& vu_of(const v8::FunctionCallbackInfo<v8::Value>& call) {
  return *vu_of(call.GetIsolate()->GetCurrentContext());
}

}  // namespace gantry::load
