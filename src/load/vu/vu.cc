#include "load/vu/vu.h"

#include "load/script/built_in.h"
#include "load/script/embedder_slots.h"
#include "load/vu/pair_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace gantry::load {

namespace {

// That are remembered, and within each; a script that tags each iteration, or each sample, anew starts again now and then.
constexpr std::size_t kPlacesMax = 1'000;
constexpr std::size_t kPlacesWithinMax = 100;

void get_iteration(v8::Local<v8::Name>, const v8::PropertyCallbackInfo<v8::Value>& info) {
  if (const std::int64_t iteration = vu_of(info.GetIsolate()->GetCurrentContext())->iteration(); iteration >= 0)
    info.GetReturnValue().Set(static_cast<double>(iteration));
}

v8::Local<v8::Function> find_keys(v8::Local<v8::Context> context) {
  v8::Isolate* isolate = context->GetIsolate();
  const v8::Context::Scope scope(context);
  const v8::Local<v8::Value> object = context->Global()->Get(context, to_v8(isolate, "Object")).ToLocalChecked();
  return object.As<v8::Object>()->Get(context, to_v8(isolate, "keys")).ToLocalChecked().As<v8::Function>();
}

}  // namespace

Wake CrewState::sleep(Member& member, SteadyTime until) {
  const v8::Unlocker unlocker(isolate.get());
  return crew.sleep(member, until);
}

Wake CrewState::park(Member& member, SteadyTime until) {
  const v8::Unlocker unlocker(isolate.get());
  return crew.park(member, until);
}

void CrewState::give_way(Member& member) {
  const v8::Unlocker unlocker(isolate.get());
  crew.give_way(member);
}

Vu* vu_of(v8::Local<v8::Context> context) {
  return static_cast<Vu*>(context->GetAlignedPointerFromEmbedderData(kVuSlot));
}

Vu::Vu(CrewState& shared, Member& member, std::uint64_t number)
    : shared_(shared),
      member_(member),
      number_(number),
      client_({shared.crew, member_}, shared.resolver, shared.tls),
      script_(shared.isolate, shared.sources, k6_modules()),
      flights_(*this) {
  begin_tags(shared.run_tags);
  client_.set_pace(shared.pace);
  client_.set_proxies(shared.proxies);
  client_.set_idle_max(shared.requests.batch, shared.requests.batch_per_host);
  if (shared.local_ips) client_.set_local(shared.local_ips->of_vu(number_));
  const v8::HandleScope handles(script_.isolate());
  script_.context()->SetAlignedPointerInEmbedderData(kVuSlot, this);
  hooks_.keys.Reset(script_.isolate(), find_keys(script_.context()));
  script_.set_global("__VU", static_cast<double>(number_));
  // Few scripts ask for it, and setting a global in each iteration would cost more than the iteration's checks.
  script_.context()
      ->Global()
      ->SetAccessor(script_.context(), to_v8(script_.isolate(), "__ITER"), get_iteration)
      .Check();
  script_.set_global("__ENV", shared.env);
}

base::Result<void> Vu::load(const std::string& path) {
  folder_ = base::directory_of(path);
  // All VUs evaluate the same script: where the first has replaced nothing, and nothing says that another might, none is looked at again.
  if (shared_.replaces_intrinsics.value_or(true)) TRY(script_.load_built_in("gantry:intrinsics"));
  TRY(script_.load_built_in("gantry:prelude"));
  if (!shared_.has_global_alias) script_.drop_global("global");
  const base::Result<void> loaded = script_.load(path);
  if (script_.has_left_promise()) shared_.has_left_promise = true;
  TRY(loaded);
  if (!shared_.own_options_json.empty()) script_.set_members_of_export("options", shared_.own_options_json);
  if (!shared_.replaces_intrinsics)
    shared_.replaces_intrinsics = script_.intrinsics().has_replaced() || shared_.sources.may_change_language();
  is_init_ = false;
  return {};
}

// Of what the VU is at from now on.
void Vu::begin_tags(Tags tags) {
  const std::string* group = find_tag(tags, to_string(SystemTag::group));
  group_ = group ? std::optional(*group) : std::nullopt;
  if (shared_.system_tags.has(SystemTag::group)) group_ = "";
  std::erase_if(tags, [](const auto& tag) { return tag.first == to_string(SystemTag::group); });
  base_tags_ = std::move(tags);
  forget_tags_key();
}

void Vu::enter_scenario(const Scenario& scenario, ResponseTimes& responses) {
  responses_ = &responses;
  turn_ = {};
  scenario_ = scenario.name;
  Tags tags = shared_.run_tags;
  for (const auto& [name, value] : scenario.tags) set_tag(tags, name, value);
  shared_.system_tags.set(tags, SystemTag::scenario, scenario.name);
  begin_tags(std::move(tags));
  metadata_.clear();
  shared_.system_tags.set(metadata_, SystemTag::vu, std::to_string(number_));
  if (scenario_plan_ != &scenario) iteration_in_scenario_ = 0;
  scenario_plan_ = &scenario;
  if (scenario.env.empty()) return;
  const v8::Locker locker(script_.isolate());
  std::map<std::string, std::string> env = shared_.env;
  for (const auto& [name, value] : scenario.env) env[name] = value;
  script_.set_global("__ENV", env);
}

// Of an iteration that was interrupted in them.
void Vu::leave_groups() {
  if (groups_.empty()) return;
  groups_.resize(1);
  leave_group();
}

// To where it was before the innermost.
void Vu::leave_group() {
  if (shared_.system_tags.has(SystemTag::group)) group_ = std::move(groups_.back().outer);
  groups_.pop_back();
  place_ = nullptr;
}

// Of setup and teardown, which are none, it is the first.
void Vu::tell_iteration() {
  if (shared_.system_tags.has(SystemTag::iter))
    set_tag(metadata_, to_string(SystemTag::iter), std::to_string(std::max<std::int64_t>(0, iteration_)));
}

std::expected<void, ScriptException> Vu::keep_setup_data(const std::string& json) {
  return script_.keep_argument(json);
}

std::expected<void, ScriptException> Vu::iterate(std::string_view function) {
  leave_groups();
  ++iteration_;
  tell_iteration();
  if (!shared_.requests.keeps_between_iterations) client_.close_idle();
  iteration_in_instance_ = shared_.play.started[scenario_]++;
  auto done = as_ended(script_.run(function));
  flights_.drop();
  if (shared_.replaces_intrinsics.value_or(false) && std::has_single_bit(static_cast<std::uint64_t>(iteration_) + 1) &&
      (done || done.error().is_own()))
    script_.guard_intrinsics();
  ++iteration_in_scenario_;
  return done;
}

// A function whose value nobody waits for is over once nothing is left that could settle what it has promised (k6 reference, §2).
std::expected<void, ScriptException> Vu::as_ended(std::expected<void, ScriptException> done) const {
  if (done || done.error().kind != ScriptException::Kind::unsettled) return done;
  shared_.log(LogLevel::warning, done.error().message, "");
  return {};
}

std::uint64_t Vu::iteration_in_test() const {
  const auto own = static_cast<std::int64_t>(iteration_in_instance_);
  return static_cast<std::uint64_t>(scenario_plan_ ? scenario_plan_->part.nth(own) : own);
}

std::uint64_t Vu::number_in_test() const {
  return number_ == 0 ? 0 : static_cast<std::uint64_t>(shared_.vus.nth(static_cast<std::int64_t>(number_) - 1)) + 1;
}

std::expected<std::optional<std::string>, ScriptException> Vu::call(std::string_view function,
                                                                    std::span<const std::string> json_arguments) {
  tell_iteration();
  auto returned = script_.call(function, json_arguments);
  flights_.drop();
  return returned;
}

void Vu::record_traffic(SampleTime now) {
  const Traffic traffic = client_.take_traffic();
  const TagSetId now_tags = tags();
  const std::array<Reading, 2> readings = {{{BuiltInMetric::data_sent, static_cast<double>(traffic.sent)},
                                            {BuiltInMetric::data_received, static_cast<double>(traffic.received)}}};
  record(readings, now_tags, now);
}

std::expected<void, ScriptException> Vu::call_for_nothing(std::string_view function,
                                                          std::span<const std::string> json_arguments) {
  tell_iteration();
  auto done = as_ended(script_.call_for_nothing(function, json_arguments));
  flights_.drop();
  return done;
}

std::expected<std::optional<std::map<std::string, std::string>>, ScriptException> Vu::call_for_texts(
    std::string_view function, std::span<const std::string> json_arguments) {
  return script_.call_for_texts(function, json_arguments);
}

void Vu::note_place(std::string_view place, std::uint64_t*& count) {
  if (!shared_.play.measurement || place.empty()) return;
  if (!count) {
    constexpr std::size_t kTargetsMax = 1000;  // a script may make them up
    auto& places = shared_.play.measurement->places;
    if (places.size() >= kTargetsMax && !places.contains(place)) place = "others";
    count = &places[std::string(place)];
  }
  ++*count;
}

void Vu::note_answer(SteadyTime at, std::chrono::nanoseconds before, double duration_ms, bool has_failed, int status) {
  if (!responses_ || !shared_.play.measurement) return;
  const std::chrono::duration<double, std::milli> duration(duration_ms);
  const std::chrono::nanoseconds answered = at - shared_.play.began;
  const auto took = before + std::chrono::duration_cast<std::chrono::nanoseconds>(duration);
  responses_->answer(turn_, answered - took, answered);
  constexpr int kServerError = 500;
  Answers& answers = shared_.play.measurement->answers;
  ++answers.all;
  answers.none += status == 0 ? 1 : 0;
  answers.server_errors += status >= kServerError ? 1 : 0;
  shared_.play.measurement->series.answer(answered, duration_ms, has_failed);
}

void Vu::note_unanswered(SteadyTime asked) {
  if (!responses_ || !shared_.play.measurement) return;
  const SteadyTime began = shared_.play.began;
  responses_->give_up(turn_, asked - began, std::chrono::steady_clock::now() - began);
}

void Vu::note_sleep(std::chrono::nanoseconds slept, std::chrono::nanoseconds late) {
  shared_.slept += slept;
  if (shared_.play.measurement)
    shared_.play.measurement->generator.lateness.add(std::chrono::duration<double, std::milli>(late).count());
}

Tags Vu::all_tags() const {
  Tags tags = base_tags_;
  if (group_) set_tag(tags, to_string(SystemTag::group), *group_);
  return tags;
}

TagSetId Vu::tags(std::span<const Tag> more) { return more.empty() ? place().tags : shared_place(more)->tags; }

std::shared_ptr<SamplePlace> Vu::make_place(Tags tags) {
  const TagSetId interned = shared_.recorder.intern(tags);
  return std::make_shared<SamplePlace>(SamplePlace{.all_tags = std::move(tags), .tags = interned});
}

SamplePlace& Vu::place() {
  if (place_) return *place_;
  if (tags_key_.empty())
    for (const auto& [name, value] : base_tags_) append_text(tags_key_, name), append_text(tags_key_, value);
  const std::pair key(tags_key_, group_);
  const auto known = shared_.places.find(key);
  if (known != shared_.places.end()) return *(place_ = known->second);
  if (shared_.places.size() == kPlacesMax) shared_.places.clear();
  place_ = make_place(all_tags());
  shared_.places.emplace(key, place_);
  return *place_;
}

std::shared_ptr<SamplePlace> Vu::shared_place(std::span<const Tag> own) {
  SamplePlace& here = place();
  if (own.empty()) return place_;
  std::string key;
  for (const auto& [name, value] : own) append_text(key, name), append_text(key, value);
  if (const auto known = here.with_tags.find(key); known != here.with_tags.end()) return known->second;
  if (here.with_tags.size() == kPlacesWithinMax) here.with_tags.clear();
  Tags all = here.all_tags;
  for (const auto& [name, value] : own) set_tag(all, name, value);
  return here.with_tags.emplace(std::move(key), make_place(std::move(all))).first->second;
}

void Vu::forget_tags_key() {
  tags_key_.clear();
  place_ = nullptr;
}

void Vu::set_own_tag(std::string_view name, std::string_view value) {
  if (name == to_string(SystemTag::group))
    group_ = value;
  else
    set_tag(base_tags_, name, value);
  forget_tags_key();
}

void Vu::drop_own_tag(std::string_view name) {
  if (name == to_string(SystemTag::group)) group_.reset();
  std::erase_if(base_tags_, [name](const auto& tag) { return tag.first == name; });
  forget_tags_key();
}

void Vu::start_group(std::string_view name) {
  groups_.push_back({group_.value_or(""), std::chrono::steady_clock::now()});
  if (shared_.system_tags.has(SystemTag::group)) group_ = path_of_group(groups_.back().outer, name);
  place_ = nullptr;
}

void Vu::end_group() {
  if (groups_.empty()) return;  // of a group that was begun in an iteration before
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - groups_.back().begun;
  SamplePlace& ended = place();
  record(BuiltInMetric::group_duration, took.count(), ended.tags, since_start());
  if (!std::exchange(ended.has_ended, true))
    if (const std::string* path = find_tag(ended.all_tags, to_string(SystemTag::group)))
      shared_.checks.groups.at(*path);
  leave_group();
}

}  // namespace gantry::load
