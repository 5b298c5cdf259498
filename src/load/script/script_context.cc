#include "load/script/script_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

// Modules are linked in two steps. First the graph is walked here, file by file, so that what cannot be found is reported with the
// place of its import; V8's own linking then finds every module compiled, and only looks for the names.

namespace gantry::load {

using base::input_error;
using base::Result;

namespace {

constexpr std::size_t kModulesMax = 1'000;
constexpr int kSelf = 1;  // the slot of the context's embedder data that leads back here

// Everything that touches a context's values happens inside one of these.
struct Inside {
  explicit Inside(const ScriptContext& script)
      : isolate_scope(script.isolate()), handles(script.isolate()), context(script.context()), context_scope(context) {}
  v8::Isolate::Scope isolate_scope;
  v8::HandleScope handles;
  v8::Local<v8::Context> context;
  v8::Context::Scope context_scope;
};

v8::ScriptOrigin origin_of(v8::Isolate* isolate, const std::string& path) {
  constexpr bool kIsModule = true;
  return {isolate, to_v8(isolate, path), 0, 0, false, -1, v8::Local<v8::Value>(), false, false, kIsModule};
}

base::SourcePos place_of(const std::string& path, v8::Location location) {
  return {std::make_shared<const std::string>(path), static_cast<std::uint32_t>(location.GetLineNumber() + 1),
          static_cast<std::uint32_t>(location.GetColumnNumber() + 1)};
}

}  // namespace

ScriptContext::ScriptContext(ScriptIsolate& isolate, ModuleSources& sources, std::span<const BuiltInModule> built_ins)
    : isolate_(isolate), sources_(sources), built_ins_(built_ins) {
  const v8::Isolate::Scope scope(isolate_.get());
  const v8::HandleScope handles(isolate_.get());
  const v8::Local<v8::Context> context = v8::Context::New(isolate_.get());
  context->SetAlignedPointerInEmbedderData(kSelf, this);
  context_.Reset(isolate_.get(), context);
}

ScriptContext::~ScriptContext() {
  argument_.Reset();
  idle_.Reset();
  functions_.clear();
  modules_.clear();
  context_.Reset();
}

Result<void> ScriptContext::load(const std::string& path) {
  main_ = {ModuleName::Kind::file, path};
  return evaluate(main_);
}

Result<void> ScriptContext::load_built_in(std::string_view name) {
  return evaluate({ModuleName::Kind::built_in, std::string(name)});
}

Result<void> ScriptContext::evaluate(const ModuleName& root) {
  const Inside inside(*this);
  TRY(load_graph(root));
  v8::TryCatch caught(isolate());
  const v8::Local<v8::Module> module = modules_.at(root).module.Get(isolate());
  v8::Local<v8::Value> evaluated;
  const bool is_done = module->InstantiateModule(inside.context, on_resolve).FromMaybe(false) &&
                       module->Evaluate(inside.context).ToLocal(&evaluated);
  if (!is_done) return std::unexpected(to_error(describe_ending(caught)));
  std::optional<ScriptException> rejected;
  TRY(settle(evaluated, rejected));
  if (rejected) return std::unexpected(to_error(*rejected));
  return {};
}

// Breadth first, each module once: a circle of imports is allowed, as the language has it.
Result<void> ScriptContext::load_graph(const ModuleName& root) {
  std::vector<ModuleName> waiting = {root};
  for (std::size_t next = 0; next < waiting.size(); ++next) {
    if (modules_.contains(waiting[next])) continue;
    if (modules_.size() == kModulesMax)
      return input_error(fmt::format("{} imports more than {} modules", root.name, kModulesMax));
    TRY(compile(waiting[next]));
    for (const auto& [specifier, name] : modules_.at(waiting[next]).requests) waiting.push_back(name);
  }
  return {};
}

Result<void> ScriptContext::compile(const ModuleName& name) {
  if (name.kind == ModuleName::Kind::built_in) return make_built_in(name.name);
  return compile_text(name, TRY(sources_.read(name.name)));
}

Result<void> ScriptContext::compile_text(const ModuleName& name, std::string_view text) {
  v8::TryCatch caught(isolate());
  v8::ScriptCompiler::Source source(to_v8(isolate(), text), origin_of(isolate(), name.name));
  v8::Local<v8::Module> module;
  if (!v8::ScriptCompiler::CompileModule(isolate(), &source).ToLocal(&module))
    return std::unexpected(to_error(describe_exception(context(), caught)));
  LoadedModule loaded;
  TRY(read_requests(loaded, module, name.name));
  loaded.module.Reset(isolate(), module);
  modules_.emplace(name, std::move(loaded));
  return {};
}

Result<void> ScriptContext::read_requests(LoadedModule& loaded, v8::Local<v8::Module> module, const std::string& path) {
  const v8::Local<v8::FixedArray> requests = module->GetModuleRequests();
  for (int i = 0; i < requests->Length(); ++i) {
    const v8::Local<v8::ModuleRequest> request = requests->Get(context(), i).As<v8::ModuleRequest>();
    const std::string specifier = to_text(isolate(), request->GetSpecifier());
    Result<ModuleName> name = sources_.resolve(specifier, path);
    if (name && name->kind == ModuleName::Kind::file) {
      const Result<std::string_view> text = sources_.read(name->name);
      if (!text) name = std::unexpected(text.error());
    }
    if (!name) {
      name.error().where = place_of(path, module->SourceOffsetToLocation(request->GetSourceOffset()));
      return std::unexpected(std::move(name).error());
    }
    loaded.requests.emplace(specifier, *std::move(name));
  }
  return {};
}

Result<void> ScriptContext::make_built_in(const std::string& name) {
  const BuiltInModule& built_in = *std::ranges::find(built_ins_, std::string_view(name), &BuiltInModule::name);
  if (!built_in.source.empty()) return compile_text({ModuleName::Kind::built_in, name}, built_in.source);
  make_synthetic(built_in);
  return {};
}

void ScriptContext::make_synthetic(const BuiltInModule& built_in) {
  const std::string name(built_in.name);
  const v8::Local<v8::Object> exports = v8::Object::New(isolate());
  built_in.install(context(), exports);
  std::vector<v8::Local<v8::String>> names = {to_v8(isolate(), "default")};
  const v8::Local<v8::Array> keys = exports->GetOwnPropertyNames(context()).ToLocalChecked();
  for (std::uint32_t i = 0; i < keys->Length(); ++i)
    names.push_back(keys->Get(context(), i).ToLocalChecked().As<v8::String>());
  const v8::Local<v8::Module> module =
      v8::Module::CreateSyntheticModule(isolate(), to_v8(isolate(), name), names, on_evaluate_built_in);
  // The values wait on the context until V8 evaluates the module.
  const v8::Local<v8::Private> slot = v8::Private::ForApi(isolate(), to_v8(isolate(), "gantry:" + name));
  context()->Global()->SetPrivate(context(), slot, exports).Check();
  LoadedModule loaded;
  loaded.module.Reset(isolate(), module);
  modules_.emplace(ModuleName{ModuleName::Kind::built_in, name}, std::move(loaded));
}

v8::MaybeLocal<v8::Value> ScriptContext::on_evaluate_built_in(v8::Local<v8::Context> context,
                                                              v8::Local<v8::Module> module) {
  v8::Isolate* isolate = context->GetIsolate();
  auto* self = static_cast<ScriptContext*>(context->GetAlignedPointerFromEmbedderData(kSelf));
  const auto found =
      std::ranges::find_if(self->modules_, [&](const auto& entry) { return entry.second.module == module; });
  assert(found != self->modules_.end());
  const v8::Local<v8::Private> slot = v8::Private::ForApi(isolate, to_v8(isolate, "gantry:" + found->first.name));
  const v8::Local<v8::Object> exports = context->Global()->GetPrivate(context, slot).ToLocalChecked().As<v8::Object>();
  const v8::Local<v8::Array> keys = exports->GetOwnPropertyNames(context).ToLocalChecked();
  for (std::uint32_t i = 0; i < keys->Length(); ++i) {
    const v8::Local<v8::String> key = keys->Get(context, i).ToLocalChecked().As<v8::String>();
    if (module->SetSyntheticModuleExport(isolate, key, exports->Get(context, key).ToLocalChecked()).IsNothing())
      return {};
  }
  if (module->SetSyntheticModuleExport(isolate, to_v8(isolate, "default"), exports).IsNothing()) return {};
  const v8::Local<v8::Promise::Resolver> done = v8::Promise::Resolver::New(context).ToLocalChecked();
  done->Resolve(context, v8::Undefined(isolate)).Check();
  return done->GetPromise();
}

v8::MaybeLocal<v8::Module> ScriptContext::on_resolve(v8::Local<v8::Context> context, v8::Local<v8::String> specifier,
                                                     v8::Local<v8::FixedArray>, v8::Local<v8::Module> referrer) {
  auto* self = static_cast<ScriptContext*>(context->GetAlignedPointerFromEmbedderData(kSelf));
  const auto importer =
      std::ranges::find_if(self->modules_, [&](const auto& entry) { return entry.second.module == referrer; });
  assert(importer != self->modules_.end());
  const auto request = importer->second.requests.find(to_text(context->GetIsolate(), specifier));
  assert(request != importer->second.requests.end());
  return self->modules_.at(request->second).module.Get(context->GetIsolate());
}

void ScriptContext::drop_timers() {
  v8::Local<v8::Value> drops = v8::Boolean::New(isolate(), true);
  v8::TryCatch caught(isolate());
  // Interrupted again, it leaves them in a list that nobody looks at before the next timer.
  if (idle_.Get(isolate())->Call(context(), v8::Undefined(isolate()), 1, &drops).IsEmpty()) has_timers_ = false;
}

// Until none is left.
std::expected<void, ScriptException> ScriptContext::run_timers() {
  while (has_timers_) {
    v8::TryCatch caught(isolate());
    v8::Local<v8::Value> ignored;
    if (!idle_.Get(isolate())->Call(context(), v8::Undefined(isolate()), 0, nullptr).ToLocal(&ignored))
      return std::unexpected(describe_ending(caught));
    isolate()->PerformMicrotaskCheckpoint();
  }
  return {};
}

// What a function returned, or a module's evaluation: of a promise, what became of it once there is nothing left to run.
Result<void> ScriptContext::settle(v8::Local<v8::Value> value, std::optional<ScriptException>& rejected) {
  isolate()->PerformMicrotaskCheckpoint();
  if (has_timers_)
    if (const auto rung = run_timers(); !rung) {
      rejected = rung.error();
      return {};
    }
  if (value.IsEmpty() || !value->IsPromise()) return {};
  const v8::Local<v8::Promise> promise = value.As<v8::Promise>();
  if (promise->State() == v8::Promise::kPending)
    return input_error("the script waits for a promise that nothing will settle");
  if (promise->State() != v8::Promise::kRejected) return {};
  promise->MarkAsHandled();
  // Thrown again, so that it is described as any other.
  v8::TryCatch caught(isolate());
  isolate()->ThrowException(promise->Result());
  rejected = describe_exception(context(), caught);
  const v8::Local<v8::Message> message = v8::Exception::CreateMessage(isolate(), promise->Result());
  rejected->where = place_of(to_text(isolate(), message->GetScriptResourceName()),
                             v8::Location(message->GetLineNumber(context()).FromMaybe(1) - 1,
                                          message->GetStartColumn(context()).FromMaybe(0)));
  return {};
}

v8::MaybeLocal<v8::Value> ScriptContext::find_export(std::string_view name) const {
  const v8::Local<v8::Object> exports = modules_.at(main_).module.Get(isolate())->GetModuleNamespace().As<v8::Object>();
  return exports->Get(context(), to_v8(isolate(), name));
}

std::vector<std::string> ScriptContext::exported_functions() const {
  const Inside inside(*this);
  const v8::Local<v8::Object> exports = modules_.at(main_).module.Get(isolate())->GetModuleNamespace().As<v8::Object>();
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
  v8::TryCatch caught(isolate());
  v8::Local<v8::String> text;
  // A function or a symbol has no JSON: the text is "undefined" then, which is none.
  if (value->IsUndefined() || value->IsFunction() || value->IsSymbol()) return std::nullopt;
  if (!v8::JSON::Stringify(context(), value).ToLocal(&text))
    return std::unexpected(describe_exception(context(), caught));
  return to_text(isolate(), text);
}

std::expected<std::optional<std::string>, ScriptException> ScriptContext::export_as_json(std::string_view name) const {
  const Inside inside(*this);
  v8::Local<v8::Value> value;
  if (!find_export(name).ToLocal(&value)) return std::nullopt;
  return to_json(value);
}

// The value that a function returned, or that its promise came to. Handles of the caller's scope.
std::expected<v8::Local<v8::Value>, ScriptException> ScriptContext::invoke(std::string_view name,
                                                                           std::span<v8::Local<v8::Value>> arguments) {
  v8::TryCatch caught(isolate());
  if (has_timers_) drop_timers();  // of an iteration that was interrupted
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
  std::optional<ScriptException> rejected;
  const Result<void> settled = settle(value, rejected);
  if (!settled) return std::unexpected(ScriptException{.message = settled.error().message});
  if (rejected) return std::unexpected(*std::move(rejected));
  return value->IsPromise() ? value.As<v8::Promise>()->Result() : value;
}

std::expected<std::optional<std::string>, ScriptException> ScriptContext::call(
    std::string_view name, std::span<const std::string> json_arguments) {
  const Inside inside(*this);
  v8::TryCatch caught(isolate());
  std::vector<v8::Local<v8::Value>> arguments;
  for (const std::string& json : json_arguments) {
    v8::Local<v8::Value> argument;
    if (!v8::JSON::Parse(inside.context, to_v8(isolate(), json)).ToLocal(&argument))
      return std::unexpected(describe_exception(inside.context, caught));
    arguments.push_back(argument);
  }
  const auto value = invoke(name, arguments);
  if (!value) return std::unexpected(value.error());
  return to_json(*value);
}

std::expected<void, ScriptException> ScriptContext::keep_argument(const std::string& json) {
  const Inside inside(*this);
  v8::TryCatch caught(isolate());
  v8::Local<v8::Value> argument;
  if (!v8::JSON::Parse(inside.context, to_v8(isolate(), json)).ToLocal(&argument))
    return std::unexpected(describe_exception(inside.context, caught));
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
  ScriptException exception = describe_exception(context(), caught);
  if (exception.kind == ScriptException::Kind::interrupted && isolate_.was_heap_full()) {
    exception.kind = ScriptException::Kind::heap_full;
    exception.message = "the heap of all VUs is full";
  }
  return exception;
}

}  // namespace gantry::load
