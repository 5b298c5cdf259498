#include "load/script/script_context.h"

#include "load/script/embedder_slots.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <utility>

namespace gantry::load {

using base::input_error;
using base::Result;

namespace {

// Everything that touches a context's values happens inside one of these.
struct Inside {
  explicit Inside(const ScriptContext& script)
      : isolate_scope(script.isolate()), handles(script.isolate()), context(script.context()), context_scope(context) {}
  v8::Isolate::Scope isolate_scope;
  v8::HandleScope handles;
  v8::Local<v8::Context> context;
  v8::Context::Scope context_scope;
};

base::SourcePos place_of(const std::string& path, v8::Location location) {
  return {std::make_shared<const std::string>(path), static_cast<std::uint32_t>(location.GetLineNumber() + 1),
          static_cast<std::uint32_t>(location.GetColumnNumber() + 1)};
}

// Of a string its UTF-8, of an ArrayBuffer or a view of one what it holds; nothing of anything else.
std::optional<std::string> bytes_of(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  if (value->IsString()) return to_text(isolate, value);
  std::string bytes;
  if (value->IsArrayBuffer()) {
    const std::shared_ptr<v8::BackingStore> store = value.As<v8::ArrayBuffer>()->GetBackingStore();
    if (store->ByteLength() > 0) bytes.assign(static_cast<const char*>(store->Data()), store->ByteLength());
    return bytes;
  }
  if (!value->IsArrayBufferView()) return std::nullopt;
  const v8::Local<v8::ArrayBufferView> view = value.As<v8::ArrayBufferView>();
  bytes.resize(view->ByteLength());
  view->CopyContents(bytes.data(), bytes.size());
  return bytes;
}

// What k6 makes of a value on its way to JSON: a BigInt is a number, and what is undefined is null.
v8::Local<v8::Value> to_jsonable(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  if (value->IsBigInt()) return v8::Number::New(isolate, std::strtod(to_text(isolate, value).c_str(), nullptr));
  if (value->IsUndefined()) return v8::Null(isolate);
  return value;
}

// Called by JSON.stringify() with a key and its value. JSON has no word for some values: of those the language makes null, or nothing.
void refuse_what_json_has_not(const v8::FunctionCallbackInfo<v8::Value>& call) {
  v8::Isolate* isolate = call.GetIsolate();
  const v8::Local<v8::Value> value = call[1];
  const bool is_number = !value->IsNumber() || std::isfinite(value.As<v8::Number>()->Value());
  if (is_number && !value->IsFunction()) return call.GetReturnValue().Set(to_jsonable(isolate, value));
  const std::string what = is_number ? "a function" : to_text(isolate, value);
  const std::string key = to_text(isolate, call[0]);
  isolate->ThrowException(to_v8(isolate, key.empty() ? what : fmt::format("\"{}\" is {}", key, what)));
}

v8::Local<v8::Function> find_stringify(v8::Local<v8::Context> context) {
  v8::Isolate* isolate = context->GetIsolate();
  const v8::Context::Scope scope(context);
  const v8::Local<v8::Value> json = context->Global()->Get(context, to_v8(isolate, "JSON")).ToLocalChecked();
  return json.As<v8::Object>()->Get(context, to_v8(isolate, "stringify")).ToLocalChecked().As<v8::Function>();
}

v8::Global<v8::Context> make_context(v8::Isolate* isolate) {
  const v8::Isolate::Scope scope(isolate);
  const v8::HandleScope handles(isolate);
  return {isolate, v8::Context::New(isolate)};
}

}  // namespace

ScriptContext::ScriptContext(ScriptIsolate& isolate, ModuleSources& sources, std::span<const BuiltInModule> built_ins)
    : isolate_(isolate),
      sources_(sources),
      context_(make_context(isolate.get())),
      graph_(isolate.get(), context_, sources, built_ins) {
  const v8::Isolate::Scope isolate_scope(isolate.get());
  const v8::HandleScope handles(isolate.get());
  stringify_.Reset(isolate.get(), find_stringify(context()));
  context()->SetAlignedPointerInEmbedderData(kScriptSlot, this);
  isolate.get()->SetPromiseRejectCallback(on_rejection);
}

// Promises of it may outlive it.
ScriptContext::~ScriptContext() {
  const v8::HandleScope handles(isolate());
  context()->SetAlignedPointerInEmbedderData(kScriptSlot, nullptr);
}

Result<void> ScriptContext::load(const std::string& path) {
  const Inside inside(*this);
  const ModuleName name = {ModuleName::Kind::file, path};
  // Once it is linked all that it imports has been read; what it requires is read while it runs.
  TRY(graph_.link(name));
  intrinsics_.expect(inside.context, sources_.assigned());
  TRY(evaluate(name));
  intrinsics_.expect(inside.context, sources_.assigned());
  intrinsics_.guard(inside.context);
  main_.Reset(isolate(), TRY(graph_.link(name)));
  graph_.end_init();
  return {};
}

Result<void> ScriptContext::load_built_in(std::string_view name) {
  const Inside inside(*this);
  return evaluate({ModuleName::Kind::built_in, std::string(name)});
}

Result<void> ScriptContext::evaluate(const ModuleName& root) {
  const v8::Local<v8::Module> module = TRY(graph_.link(root));
  v8::TryCatch caught(isolate());
  v8::Local<v8::Value> evaluated;
  if (!module->Evaluate(context()).ToLocal(&evaluated)) return std::unexpected(to_error(describe_ending(caught)));
  const v8::Local<v8::Promise> whole = evaluated.As<v8::Promise>();
  whole->MarkAsHandled();
  const std::expected<void, ScriptException> settled = settle(evaluated);
  if (whole->State() == v8::Promise::kRejected) return std::unexpected(to_error(describe_rejection(whole)));
  if (settled) return {};
  using enum ScriptException::Kind;
  has_left_promise_ = settled.error().kind == rejected || settled.error().kind == unsettled;
  return std::unexpected(to_error(settled.error()));
}

void ScriptContext::drop_pending() {
  v8::Local<v8::Value> drops = v8::Boolean::New(isolate(), true);
  v8::TryCatch caught(isolate());
  // Interrupted again, it leaves them in a list that nobody looks at before the next one.
  if (idle_.Get(isolate())->Call(context(), v8::Undefined(isolate()), 1, &drops).IsEmpty()) has_pending_ = false;
}

// Once no promise can be settled any more, one that is rejected and that nobody handles ends the function (k6 reference, §3.3).
std::expected<void, ScriptException> ScriptContext::check_rejections() {
  for (const v8::Global<v8::Promise>& rejection : std::exchange(rejections_, {})) {
    const v8::Local<v8::Promise> promise = rejection.Get(isolate());
    if (promise->HasHandler()) continue;  // marked so by us, which nobody is told
    ScriptException exception = describe_rejection(promise);
    constexpr std::string_view kUncaught = "Uncaught (in promise) ";
    exception.kind = ScriptException::Kind::rejected;
    exception.message.insert(0, kUncaught);
    if (!exception.stack.empty()) exception.stack.insert(0, kUncaught);
    return std::unexpected(std::move(exception));
  }
  return {};
}

void ScriptContext::on_rejection(v8::PromiseRejectMessage message) {
  const v8::Local<v8::Promise> promise = message.GetPromise();
  v8::Local<v8::Context> context;
  if (!promise->GetCreationContext().ToLocal(&context)) return;
  auto* const self = static_cast<ScriptContext*>(context->GetAlignedPointerFromEmbedderData(kScriptSlot));
  if (!self) return;
  if (message.GetEvent() == v8::kPromiseRejectWithNoHandler) {
    self->rejections_.emplace_back(self->isolate(), promise);
  } else if (message.GetEvent() == v8::kPromiseHandlerAddedAfterReject) {
    // Of what has been rejected just now, as a rule: an async function that throws before anybody can await it.
    const auto handled = std::find(self->rejections_.rbegin(), self->rejections_.rend(), promise);
    if (handled != self->rejections_.rend()) self->rejections_.erase(std::next(handled).base());
  }
}

// Until none is left.
std::expected<void, ScriptException> ScriptContext::run_pending() {
  auto done = check_rejections();
  while (done && has_pending_) {
    v8::TryCatch caught(isolate());
    v8::Local<v8::Value> ignored;
    if (!idle_.Get(isolate())->Call(context(), v8::Undefined(isolate()), 0, nullptr).ToLocal(&ignored))
      return std::unexpected(describe_ending(caught));
    isolate()->PerformMicrotaskCheckpoint();
    if (caught.HasTerminated()) return std::unexpected(describe_ending(caught));
    done = check_rejections();
  }
  return done;
}

// What a function returned, or a module's evaluation: until there is nothing left to run.
std::expected<void, ScriptException> ScriptContext::settle(v8::Local<v8::Value> value) {
  {
    const v8::TryCatch caught(isolate());
    isolate()->PerformMicrotaskCheckpoint();
    if (caught.HasTerminated()) return std::unexpected(describe_ending(caught));
  }
  if (auto done = run_pending(); !done) return done;
  if (!value.IsEmpty() && value->IsPromise() && value.As<v8::Promise>()->State() == v8::Promise::kPending)
    return std::unexpected(
        ScriptException{ScriptException::Kind::unsettled, "the script waits for a promise that nothing will settle"});
  return {};
}

ScriptException ScriptContext::describe_rejection(v8::Local<v8::Promise> promise) const {
  // Thrown again, so that it is described as any other.
  v8::TryCatch caught(isolate());
  isolate()->ThrowException(promise->Result());
  ScriptException exception = describe_exception(context(), caught);
  exception.where.reset();
  // Of what nothing runs to catch, V8 tells no stack.
  v8::Local<v8::Value> stack;
  const v8::Local<v8::Value> reason = promise->Result();
  if (reason->IsNativeError() && reason.As<v8::Object>()->Get(context(), to_v8(isolate(), "stack")).ToLocal(&stack) &&
      stack->IsString())
    exception.stack = to_text(isolate(), stack);
  const v8::Local<v8::Message> message = v8::Exception::CreateMessage(isolate(), promise->Result());
  if (message->GetScriptResourceName()->IsString())
    exception.where = place_of(to_text(isolate(), message->GetScriptResourceName()),
                               v8::Location(message->GetLineNumber(context()).FromMaybe(1) - 1,
                                            message->GetStartColumn(context()).FromMaybe(0)));
  return graph_.describe(std::move(exception));
}

v8::Local<v8::Object> ScriptContext::main_exports() const {
  return main_.Get(isolate())->GetModuleNamespace().As<v8::Object>();
}

v8::MaybeLocal<v8::Value> ScriptContext::find_export(std::string_view name) const {
  return main_exports()->Get(context(), to_v8(isolate(), name));
}

std::vector<std::string> ScriptContext::exported_functions() const {
  const Inside inside(*this);
  const v8::Local<v8::Object> exports = main_exports();
  const v8::Local<v8::Array> keys = exports->GetOwnPropertyNames(inside.context).ToLocalChecked();
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < keys->Length(); ++i) {
    const v8::Local<v8::Value> key = keys->Get(inside.context, i).ToLocalChecked();
    v8::Local<v8::Value> value;
    if (exports->Get(inside.context, key).ToLocal(&value) && value->IsFunction())
      names.push_back(to_text(isolate(), key));
  }
  return names;
}

bool ScriptContext::exports(std::string_view name) const {
  const Inside inside(*this);
  v8::Local<v8::Value> value;
  return find_export(name).ToLocal(&value) && !value->IsUndefined();
}

std::expected<std::optional<std::string>, ScriptException> ScriptContext::to_json(v8::Local<v8::Value> value) const {
  if (value->IsUndefined()) return std::nullopt;
  v8::TryCatch caught(isolate());
  std::array<v8::Local<v8::Value>, 2> arguments = {
      value, v8::Function::New(context(), refuse_what_json_has_not).ToLocalChecked()};
  v8::Local<v8::Value> text;
  const bool is_done = stringify_.Get(isolate())
                           ->Call(context(), v8::Undefined(isolate()), arguments.size(), arguments.data())
                           .ToLocal(&text);
  if (is_done) return text->IsString() ? std::optional(to_text(isolate(), text)) : std::nullopt;
  ScriptException exception = describe_ending(caught);
  if (!exception.is_own()) return std::unexpected(std::move(exception));
  return std::unexpected(ScriptException{ScriptException::Kind::no_json, std::move(exception.message)});
}

std::expected<std::optional<std::string>, ScriptException> ScriptContext::export_as_json(std::string_view name) const {
  const Inside inside(*this);
  v8::Local<v8::Value> value;
  if (!find_export(name).ToLocal(&value) || value->IsFunction()) return std::nullopt;
  return to_json(value);
}

// The value that a function returned, or that its promise came to. Handles of the caller's scope.
std::expected<v8::Local<v8::Value>, ScriptException> ScriptContext::invoke(std::string_view name,
                                                                           std::span<v8::Local<v8::Value>> arguments) {
  v8::TryCatch caught(isolate());
  if (has_pending_) drop_pending();  // of an iteration that was interrupted
  rejections_.clear();
  auto known = functions_.find(name);
  if (known == functions_.end()) {
    v8::Local<v8::Value> function;
    if (!find_export(name).ToLocal(&function) || !function->IsFunction())
      return std::unexpected(ScriptException{.message = fmt::format("the script exports no function {}", name)});
    known =
        functions_.emplace(std::string(name), v8::Global<v8::Function>(isolate(), function.As<v8::Function>())).first;
  }
  v8::Local<v8::Value> value;
  const bool is_done =
      known->second.Get(isolate())
          ->Call(context(), v8::Undefined(isolate()), static_cast<int>(arguments.size()), arguments.data())
          .ToLocal(&value);
  if (!is_done) return std::unexpected(describe_ending(caught));
  if (auto settled = settle(value); !settled) return std::unexpected(std::move(settled).error());
  return value->IsPromise() ? value.As<v8::Promise>()->Result() : value;
}

std::expected<v8::Local<v8::Value>, ScriptException> ScriptContext::invoke_with(
    std::string_view name, std::span<const std::string> json_arguments) {
  v8::TryCatch caught(isolate());
  std::vector<v8::Local<v8::Value>> arguments;
  for (const std::string& json : json_arguments) {
    v8::Local<v8::Value> argument;
    if (!v8::JSON::Parse(context(), to_v8(isolate(), json)).ToLocal(&argument))
      return std::unexpected(graph_.describe(caught));
    arguments.push_back(argument);
  }
  return invoke(name, arguments);
}

std::expected<std::optional<std::string>, ScriptException> ScriptContext::call(
    std::string_view name, std::span<const std::string> json_arguments) {
  const Inside inside(*this);
  const auto value = invoke_with(name, json_arguments);
  if (!value) return std::unexpected(value.error());
  return to_json(*value);
}

std::expected<void, ScriptException> ScriptContext::call_for_nothing(std::string_view name,
                                                                     std::span<const std::string> json_arguments) {
  const Inside inside(*this);
  const auto value = invoke_with(name, json_arguments);
  if (!value) return std::unexpected(value.error());
  return {};
}

std::expected<std::optional<std::map<std::string, std::string>>, ScriptException> ScriptContext::call_for_texts(
    std::string_view name, std::span<const std::string> json_arguments) {
  const Inside inside(*this);
  const auto value = invoke_with(name, json_arguments);
  if (!value) return std::unexpected(value.error());
  if ((*value)->IsNullOrUndefined()) return std::nullopt;
  const v8::TryCatch caught(isolate());
  v8::Local<v8::Array> keys;
  if (!(*value)->IsObject() || !(*value).As<v8::Object>()->GetOwnPropertyNames(inside.context).ToLocal(&keys))
    return std::unexpected(ScriptException{.message = fmt::format("{}() should return an object of texts", name)});
  std::map<std::string, std::string> texts;
  for (std::uint32_t i = 0; i < keys->Length(); ++i) {
    const v8::Local<v8::Value> key = keys->Get(inside.context, i).ToLocalChecked();
    v8::Local<v8::Value> member;
    if (!(*value).As<v8::Object>()->Get(inside.context, key).ToLocal(&member))
      return std::unexpected(graph_.describe(caught));
    std::optional<std::string> text = bytes_of(isolate(), member);
    if (!text)
      return std::unexpected(ScriptException{
          .message = fmt::format("{}(): {} is neither a string nor an ArrayBuffer", name, to_text(isolate(), key))});
    texts[to_text(isolate(), key)] = *std::move(text);
  }
  return texts;
}

std::expected<void, ScriptException> ScriptContext::keep_argument(const std::string& json) {
  const Inside inside(*this);
  v8::TryCatch caught(isolate());
  v8::Local<v8::Value> argument;
  if (!v8::JSON::Parse(inside.context, to_v8(isolate(), json)).ToLocal(&argument))
    return std::unexpected(graph_.describe(caught));
  argument_.Reset(isolate(), argument);
  return {};
}

std::expected<void, ScriptException> ScriptContext::run(std::string_view name) {
  const Inside inside(*this);
  v8::Local<v8::Value> argument =
      argument_.IsEmpty() ? v8::Undefined(isolate()).As<v8::Value>() : argument_.Get(isolate());
  const auto value = invoke(name, {&argument, 1});
  if (!value) return std::unexpected(value.error());
  return {};
}

void ScriptContext::guard_intrinsics() {
  const Inside inside(*this);
  intrinsics_.guard(inside.context);
}

void ScriptContext::set_members_of_export(std::string_view name, const std::string& json) {
  const Inside inside(*this);
  const v8::TryCatch caught(isolate());
  v8::Local<v8::Value> object;
  v8::Local<v8::Value> members;
  v8::Local<v8::Array> keys;
  if (!find_export(name).ToLocal(&object) || !object->IsObject()) return;
  if (!v8::JSON::Parse(inside.context, to_v8(isolate(), json)).ToLocal(&members) || !members->IsObject()) return;
  if (!members.As<v8::Object>()->GetOwnPropertyNames(inside.context).ToLocal(&keys)) return;
  for (std::uint32_t i = 0; i < keys->Length(); ++i) {
    v8::Local<v8::Value> key;
    v8::Local<v8::Value> value;
    if (!keys->Get(inside.context, i).ToLocal(&key)) return;
    if (!members.As<v8::Object>()->Get(inside.context, key).ToLocal(&value)) return;
    if (object.As<v8::Object>()->Set(inside.context, key, value).IsNothing()) return;
  }
}

void ScriptContext::drop_global(std::string_view name) {
  const Inside inside(*this);
  inside.context->Global()->Delete(inside.context, to_v8(isolate(), name)).Check();
}

void ScriptContext::set_global(std::string_view name, double value) {
  const Inside inside(*this);
  inside.context->Global()->Set(inside.context, to_v8(isolate(), name), v8::Number::New(isolate(), value)).Check();
}

void ScriptContext::set_global(std::string_view name, const std::map<std::string, std::string>& values) {
  const Inside inside(*this);
  const v8::Local<v8::Object> object = v8::Object::New(isolate());
  for (const auto& [key, value] : values)
    object->Set(inside.context, to_v8(isolate(), key), to_v8(isolate(), value)).Check();
  inside.context->Global()->Set(inside.context, to_v8(isolate(), name), object).Check();
}

// A full heap ends a script as an interruption does.
ScriptException ScriptContext::describe_ending(const v8::TryCatch& caught) const {
  ScriptException exception = graph_.describe(caught);
  if (exception.kind == ScriptException::Kind::interrupted && isolate_.was_heap_full()) {
    exception.kind = ScriptException::Kind::heap_full;
    exception.message = "the heap of all VUs is full";
  }
  return exception;
}

}  // namespace gantry::load
