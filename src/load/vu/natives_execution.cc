// Where a VU is in the run, and how a script ends it: k6/execution (k6 reference, §11.3).

#include "load/vu/natives.h"
#include "load/vu/script_values.h"
#include "load/vu/vu.h"

namespace gantry::load {

namespace {

using Call = v8::FunctionCallbackInfo<v8::Value>;

void execution_of(const Call& call) {
  Vu& vu = vu_of(call);
  const CrewState& shared = vu.shared();
  const SteadyTime now = std::chrono::steady_clock::now();
  Fields fields(call.GetIsolate()->GetCurrentContext());
  fields.set("vu", static_cast<double>(vu.number()));
  fields.set("vuInTest", static_cast<double>(vu.number_in_test()));
  fields.set("iteration", static_cast<double>(vu.iteration()));
  fields.set("runMs", to_ms(now - shared.started));
  fields.set("iterationsCompleted", static_cast<double>(shared.play.completed));
  fields.set("iterationsInterrupted", static_cast<double>(shared.play.interrupted));
  fields.set("vusActive", static_cast<double>(shared.play.vus_active ? shared.play.vus_active() : 0));
  fields.set("vusInitialized", static_cast<double>(shared.play.vus));
  fields.set("scenario", vu.scenario() ? std::string_view(vu.scenario()->name) : std::string_view());
  if (vu.scenario()) {
    fields.set("executor", executor_name(vu.scenario()->plan));
    fields.set("scenarioMs", to_ms(now - shared.play.began - vu.scenario()->start_time));
    fields.set("scenarioLengthMs", to_ms(length_of(vu.scenario()->plan)));
    fields.set("iterationInInstance", static_cast<double>(vu.iteration_in_instance()));
    fields.set("iterationInTest", static_cast<double>(vu.iteration_in_test()));
    fields.set("iterationInScenario", static_cast<double>(vu.iteration_in_scenario()));
  }
  call.GetReturnValue().Set(fields.object());
}

void vu_tags(const Call& call) {
  Fields fields(call.GetIsolate()->GetCurrentContext());
  for (const auto& [name, value] : vu_of(call).all_tags()) fields.set(name, std::string_view(value));
  call.GetReturnValue().Set(fields.object());
}

void set_vu_tag(const Call& call) {
  const std::string name = to_text(call.GetIsolate(), call[0]);
  if (call[1]->IsUndefined())
    vu_of(call).drop_own_tag(name);
  else
    vu_of(call).set_own_tag(name, to_text(call.GetIsolate(), call[1]));
}

void vu_metadata(const Call& call) {
  Fields fields(call.GetIsolate()->GetCurrentContext());
  for (const auto& [name, value] : vu_of(call).metadata()) fields.set(name, std::string_view(value));
  call.GetReturnValue().Set(fields.object());
}

void set_vu_metadatum(const Call& call) {
  const std::string name = to_text(call.GetIsolate(), call[0]);
  Tags& metadata = vu_of(call).metadata();
  if (call[1]->IsUndefined())
    std::erase_if(metadata, [&](const auto& each) { return each.first == name; });
  else
    set_tag(metadata, name, to_text(call.GetIsolate(), call[1]));
}

void options_of_test(const Call& call) {
  call.GetReturnValue().Set(to_v8(call.GetIsolate(), vu_of(call).shared().options_json));
}

void on_idle(const Call& call) { vu_of(call).script().set_idle(call[0].As<v8::Function>()); }
void has_pending(const Call& call) { vu_of(call).script().set_has_pending(call[0]->BooleanValue(call.GetIsolate())); }

// What runs in this VU ends here; the director ends the rest.
void abort_test(const Call& call) {
  CrewState& shared = vu_of(call).shared();
  if (!shared.aborted) shared.aborted = to_text(call.GetIsolate(), call[0]);
  call.GetIsolate()->TerminateExecution();
}

void fail_test(const Call& call) {
  CrewState& shared = vu_of(call).shared();
  if (!shared.marked_failed) shared.marked_failed = to_text(call.GetIsolate(), call[0]);
}

}  // namespace

std::span<const Native> execution_natives() {
  static constexpr std::array<Native, 10> kNatives = {{{"executionOf", execution_of},
                                                       {"onIdle", on_idle},
                                                       {"hasPending", has_pending},
                                                       {"vuTags", vu_tags},
                                                       {"setVuTag", set_vu_tag},
                                                       {"vuMetadata", vu_metadata},
                                                       {"setVuMetadatum", set_vu_metadatum},
                                                       {"optionsOfTest", options_of_test},
                                                       {"abortTest", abort_test},
                                                       {"failTest", fail_test}}};
  return kNatives;
}

}  // namespace gantry::load
