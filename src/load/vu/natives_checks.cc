// check(), and the add() of a script's metrics (k6 reference, §11): what scripts do with nearly every answer.

#include "load/vu/natives.h"
#include "load/vu/script_values.h"
#include "load/vu/shapes.h"
#include "load/vu/vu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace gantry::load {

namespace {

using Call = v8::FunctionCallbackInfo<v8::Value>;
using Value = v8::Local<v8::Value>;

SamplePlace::Check make_check(CrewState& shared, const SamplePlace& place, const std::string& name) {
  Tags tags = place.all_tags;
  shared.system_tags.set(tags, SystemTag::check, name);
  SamplePlace::Check check{.by_name = &check_of(shared.checks.by_name, name)};
  if (const std::string* path = find_tag(tags, to_string(SystemTag::group))) {
    ScriptGroup& group = shared.checks.groups.at(*path);
    if (const std::string* shown = find_tag(tags, to_string(SystemTag::check)))
      check.in_group = &check_of(group.checks, *shown);
  }
  check.tags = shared.recorder.intern(std::move(tags));
  return check;
}

SamplePlace::Check& find_check(CrewState& shared, SamplePlace& place, const std::string& name) {
  const auto known = place.checks.find(name);
  if (known != place.checks.end()) return known->second;
  return place.checks.emplace(name, make_check(shared, place, name)).first->second;
}

// The checks of one call.
struct Checking {
  const Call& call;
  v8::Local<v8::Context> context;
  Vu& vu;
  // A condition may go somewhere else, or check something itself.
  std::shared_ptr<SamplePlace> place;
  SampleTime at = vu.since_start();
  bool all_hold = true;
  std::size_t asked = 0;

  // Null where the script is refused.
  const SamplePlace::Check* find(v8::Local<v8::String> name);
  void count(const SamplePlace::Check& check, bool holds);
  bool ask(v8::Local<v8::String> name, Value condition);
};

const SamplePlace::Check* Checking::find(v8::Local<v8::String> name) {
  v8::Isolate* isolate = call.GetIsolate();
  auto& known = place->known_checks;
  const std::size_t nth = asked++;
  if (nth < known.size() && known[nth].first == name) return known[nth].second;
  const std::string text = to_text(isolate, name);
  if (text.find("::") != std::string::npos) {
    throw_error(isolate, fmt::format("group and check names may not contain '::': {}", text));
    return nullptr;
  }
  SamplePlace::Check* check = &find_check(vu.shared(), *place, text);
  constexpr std::size_t kKnownMax = 100;
  if (nth < known.size())
    known[nth] = {v8::Global<v8::String>(isolate, name), check};
  else if (nth < kKnownMax)
    known.emplace_back(v8::Global<v8::String>(isolate, name), check);
  return check;
}

void Checking::count(const SamplePlace::Check& check, bool holds) {
  check.by_name->count(holds);
  if (check.in_group) check.in_group->count(holds);
  all_hold = all_hold && holds;
  vu.record(BuiltInMetric::checks, holds ? 1 : 0, check.tags, at);
}

// False where the script has thrown, or is refused.
bool Checking::ask(v8::Local<v8::String> name, Value condition) {
  v8::Isolate* isolate = call.GetIsolate();
  if (condition->IsAsyncFunction()) {
    throw_error(isolate, fmt::format("check {} is async: its promise would always be true", to_text(isolate, name)));
    return false;
  }
  const SamplePlace::Check* const check = find(name);
  if (!check) return false;
  if (condition->IsFunction()) {
    Value argument = call[0];
    if (!condition.As<v8::Function>()->Call(context, v8::Undefined(isolate), 1, &argument).ToLocal(&condition)) {
      if (!isolate->IsExecutionTerminating()) count(*check, false);
      return false;
    }
  }
  count(*check, condition->BooleanValue(isolate));
  return true;
}

void check(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  Vu& vu = vu_of(call);
  if (vu.is_init())
    return throw_error(isolate, "check() is not available in the init context: call it in the function of a VU");
  if (call[1]->IsNullOrUndefined()) return throw_error(isolate, "no checks provided to `check`");
  std::vector<Tag> own;
  if (!read_tags(isolate, call[2], own)) return;
  Checking checking{call, context, vu, vu.shared_place(own)};
  v8::Local<v8::Object> checks;
  if (!call[1]->ToObject(context).ToLocal(&checks)) return;
  const bool is_done = for_each_member(
      context, checks, [&](v8::Local<v8::String> name, Value condition) { return checking.ask(name, condition); });
  if (is_done) call.GetReturnValue().Set(checking.all_hold);
}

// The internal fields of a metric.
enum MetricField : int { id, metric_name, metric_fields };

// Metric(type, name, is time), of which the classes of modules/metrics.js are.
void make_metric(const Call& call) {
  constexpr std::array<MetricType, 4> kTypes = {MetricType::counter, MetricType::gauge, MetricType::rate,
                                                MetricType::trend};
  v8::Isolate* isolate = call.GetIsolate();
  Vu& vu = vu_of(call);
  if (!vu.is_init()) return throw_error(isolate, "metrics must be declared in the init context");
  if (call[1]->IsUndefined()) {
    isolate->ThrowException(v8::Exception::TypeError(to_v8(isolate, "a metric needs a name")));
    return;
  }
  v8::Local<v8::String> name;
  if (!call[1]->ToString(isolate->GetCurrentContext()).ToLocal(&name)) return;
  const std::string type = to_text(isolate, call[0]);
  const auto* found = std::ranges::find(kTypes, type, [](MetricType t) { return to_string(t); });
  const base::Result<MetricId> declared = vu.shared().registry.declare(
      to_text(isolate, name), *found, call[2]->BooleanValue(isolate) ? Contains::time : Contains::plain);
  if (!declared) return throw_error(isolate, declared.error().message);
  call.This()->SetInternalField(MetricField::id, v8::Integer::NewFromUnsigned(isolate, *declared));
  call.This()->SetInternalField(MetricField::metric_name, name);
}

void name_of_metric(const Call& call) {
  call.GetReturnValue().Set(call.Holder()->GetInternalField(MetricField::metric_name));
}

// A boolean is a number here; null is none.
std::optional<double> number_of(v8::Local<v8::Context> context, Value value) {
  if (value->IsNumber()) return value.As<v8::Number>()->Value();
  if (value->IsNull()) return std::nan("");
  double number = 0;
  if (!value->NumberValue(context).To(&number)) return std::nullopt;
  return number;
}

void add_to_metric(const Call& call) {
  v8::Isolate* isolate = call.GetIsolate();
  Vu& vu = vu_of(call);
  if (vu.is_init()) return throw_error(isolate, "metrics cannot be added to in the init context");
  const std::optional<double> value = number_of(isolate->GetCurrentContext(), call[0]);
  if (!value) return;
  if (!std::isfinite(*value)) {
    vu.shared().log(
        LogLevel::warning,
        fmt::format("'{}' is an invalid value for metric '{}', a number is expected", to_text(isolate, call[0]),
                    to_text(isolate, call.Holder()->GetInternalField(MetricField::metric_name))),
        "");
    return call.GetReturnValue().Set(false);
  }
  std::vector<Tag> tags;
  if (!read_tags(isolate, call[1], tags)) return;
  const Value number = call.Holder()->GetInternalField(MetricField::id);
  if (!number->IsUint32()) return throw_error(isolate, "this is no metric");
  vu.record(number.As<v8::Uint32>()->Value(), *value, vu.tags(tags), vu.since_start());
  call.GetReturnValue().Set(true);
}

}  // namespace

std::span<const Native> check_natives() {
  static constexpr std::array<Native, 1> kNatives = {{{"check", check}}};
  return kNatives;
}

ClassShape metric_shape(v8::Isolate* isolate) {
  const v8::Local<v8::FunctionTemplate> metric = v8::FunctionTemplate::New(isolate, make_metric);
  metric->SetClassName(to_v8(isolate, "Metric"));
  metric->InstanceTemplate()->SetInternalFieldCount(MetricField::metric_fields);
  const v8::Local<v8::Signature> of_metrics = v8::Signature::New(isolate, metric);
  ClassShape shape{.made = {isolate, metric}};
  shape.methods.push_back(make_native_shape(isolate, "add", add_to_metric, of_metrics));
  shape.getters.push_back(make_native_shape(isolate, "name", name_of_metric, of_metrics));
  return shape;
}

}  // namespace gantry::load
