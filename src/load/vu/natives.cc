#include "load/vu/natives.h"

#include "load/vu/request.h"
#include "load/vu/script_values.h"
#include "load/vu/shapes.h"
#include "load/vu/vu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::load {

namespace {

using Call = v8::FunctionCallbackInfo<v8::Value>;

void is_init(const Call& call) { call.GetReturnValue().Set(vu_of(call).is_init()); }

void sleep(const Call& call) {
  Vu& vu = vu_of(call);
  const double seconds = call[0]->NumberValue(call.GetIsolate()->GetCurrentContext()).FromMaybe(0);
  constexpr double kLongest = 365.0 * 24 * 3600;
  if (!(seconds > 0)) return;
  const auto length = std::chrono::duration<double>(std::min(seconds, kLongest));
  const SteadyTime begun = std::chrono::steady_clock::now();
  const SteadyTime until = begun + std::chrono::duration_cast<std::chrono::steady_clock::duration>(length);
  const Wake wake = vu.shared().sleep(vu.member(), std::min(until, vu.deadline()));
  const SteadyTime now = std::chrono::steady_clock::now();
  vu.note_sleep(now - begun, wake == Wake::timed_out ? now - until : std::chrono::nanoseconds(0));
  if (wake == Wake::interrupted || until > vu.deadline()) call.GetIsolate()->TerminateExecution();
}

void checked(const Call& call) {
  Vu& vu = vu_of(call);
  const std::string name = to_text(call.GetIsolate(), call[0]);
  SamplePlace& place = vu.place();
  auto known = place.checks.find(name);
  if (known == place.checks.end()) {
    const std::array<Tag, 1> tag = {{{"check", name}}};
    known = place.checks.try_emplace(name, place.group.check(name), vu.tags(tag)).first;
  }
  TagSetId tags = known->second.tags;
  if (!call[2]->IsNullOrUndefined()) {
    std::vector<Tag> all = {{"check", known->first}};
    if (!read_tags(call.GetIsolate(), call[2], all)) return;
    tags = vu.tags(all);
  }
  const bool holds = call[1]->BooleanValue(call.GetIsolate());
  known->second.counts.count(holds);
  vu.shared().recorder.add(BuiltInMetric::checks, holds ? 1 : 0, tags, vu.since_start());
}

void group_start(const Call& call) { vu_of(call).start_group(to_text(call.GetIsolate(), call[0])); }
void group_end(const Call& call) { vu_of(call).end_group(); }

void declare(const Call& call) {
  constexpr std::array<MetricType, 4> kTypes = {MetricType::counter, MetricType::gauge, MetricType::rate,
                                                MetricType::trend};
  const std::string type = to_text(call.GetIsolate(), call[0]);
  const auto* found = std::ranges::find(kTypes, type, [](MetricType t) { return to_string(t); });
  const base::Result<MetricId> id = vu_of(call).shared().registry.declare(
      to_text(call.GetIsolate(), call[1]), *found,
      call[2]->BooleanValue(call.GetIsolate()) ? Contains::time : Contains::plain);
  if (!id) return throw_error(call.GetIsolate(), id.error().message);
  call.GetReturnValue().Set(*id);
}

void sample(const Call& call) {
  Vu& vu = vu_of(call);
  const v8::Local<v8::Context> context = call.GetIsolate()->GetCurrentContext();
  std::vector<Tag> tags;
  if (!read_tags(call.GetIsolate(), call[2], tags)) return;
  vu.shared().recorder.add(call[0]->Uint32Value(context).FromMaybe(0), call[1]->NumberValue(context).FromMaybe(0),
                           vu.tags(tags), vu.since_start());
}

void warn(const Call& call) { vu_of(call).shared().log(LogLevel::warning, to_text(call.GetIsolate(), call[0]), ""); }

void log(const Call& call) {
  constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels = {{{"debug", LogLevel::debug},
                                                                             {"info", LogLevel::info},
                                                                             {"warning", LogLevel::warning},
                                                                             {"error", LogLevel::error}}};
  const std::string name = to_text(call.GetIsolate(), call[0]);
  for (const auto& [text, level] : kLevels)
    if (text == name) vu_of(call).shared().log(level, to_text(call.GetIsolate(), call[1]), "console");
}

constexpr std::array<Native, 9> kNatives = {{{"isInit", is_init},
                                             {"sleep", sleep},
                                             {"checked", checked},
                                             {"groupStart", group_start},
                                             {"groupEnd", group_end},
                                             {"declare", declare},
                                             {"sample", sample},
                                             {"log", log},
                                             {"warn", warn}}};

}  // namespace

void install_vu_natives(v8::Local<v8::Context> context, v8::Local<v8::Object> exports) {
  for (const std::span<const Native> natives :
       {std::span<const Native>(kNatives), crypto_natives(), data_natives(), execution_natives(), request_natives()})
    for (const Native& native : natives)
      exports
          ->Set(context, to_v8(context->GetIsolate(), native.name),
                v8::Function::New(context, native.function).ToLocalChecked())
          .Check();
  const v8::Local<v8::FunctionTemplate> response = shapes_of(context).response.Get(context->GetIsolate());
  exports->Set(context, to_v8(context->GetIsolate(), "Response"), response->GetFunction(context).ToLocalChecked())
      .Check();
}

}  // namespace gantry::load
