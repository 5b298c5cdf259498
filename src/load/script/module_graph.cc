#include "load/script/module_graph.h"

#include "base/text.h"
#include "load/script/embedder_slots.h"
#include "load/script/module_texts.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
#include <utility>

namespace gantry::load {

using base::input_error;
using base::Result;

namespace {

constexpr std::size_t kModulesMax = 1'000;
constexpr int kFramesMax = 1'000;            // of a stack: as far as k6 looks
constexpr std::size_t kMissingMax = 20;      // imports that one error names
constexpr std::size_t kSourceLineMax = 200;  // bytes: bundles have lines of a megabyte
// CommonJS is strict, as it is in k6; V8 is told that the text begins before its first column.
constexpr std::string_view kStrict = "\"use strict\";";

ModuleGraph& graph_of(v8::Local<v8::Context> context) {
  return *static_cast<ModuleGraph*>(context->GetAlignedPointerFromEmbedderData(kGraphSlot));
}

// The one that has a built-in module's exports, and those that it lacks.
ModuleName around_built_in(const std::string& name) { return {ModuleName::Kind::built_in, "around " + name}; }

base::SourcePos place_of(const std::string& path, v8::Location location) {
  return {std::make_shared<const std::string>(path), static_cast<std::uint32_t>(location.GetLineNumber() + 1),
          static_cast<std::uint32_t>(location.GetColumnNumber() + 1)};
}

// All that is missing, as one error.
base::Error join_errors(const std::vector<base::Error>& errors) {
  base::Error joined = errors.front();
  for (std::size_t i = 1; i < errors.size(); ++i) {
    joined.message += "; " + errors[i].message;
    if (!errors[i].help.empty() && !joined.help.contains(errors[i].help))
      joined.help += (joined.help.empty() ? "" : "; ") + errors[i].help;
  }
  return joined;
}

// As JavaScript's import makes it of the path in `data`.
std::string path_in(const v8::FunctionCallbackInfo<v8::Value>& call) { return to_text(call.GetIsolate(), call.Data()); }

void throw_error(v8::Isolate* isolate, const base::Error& error) {
  std::string message = error.message;
  if (error.where) message += fmt::format(" ({}:{}:{})", *error.where->file, error.where->line, error.where->column);
  if (!error.help.empty()) message += ": " + error.help;
  isolate->ThrowException(v8::Exception::Error(to_v8(isolate, message)));
}

}  // namespace

ModuleGraph::ModuleGraph(v8::Isolate* isolate, const v8::Global<v8::Context>& context, ModuleSources& sources,
                         std::span<const BuiltInModule> built_ins)
    : isolate_(isolate), sources_(sources), built_ins_(built_ins) {
  const v8::Isolate::Scope isolate_scope(isolate);
  const v8::HandleScope handles(isolate);
  const v8::Local<v8::Context> entered = context.Get(isolate);
  const v8::Context::Scope scope(entered);
  entered->SetAlignedPointerInEmbedderData(kGraphSlot, this);
  isolate->SetHostImportModuleDynamicallyCallback(on_import);
  isolate->SetHostInitializeImportMetaObjectCallback(on_import_meta);
  const v8::Local<v8::Function> require = v8::Function::New(entered, on_require).ToLocalChecked();
  entered->Global()->DefineOwnProperty(entered, text("require"), require, v8::DontEnum).Check();
}

Result<v8::Local<v8::Module>> ModuleGraph::link(const ModuleName& root) {
  TRY(load(root));
  const v8::Local<v8::Module> module = modules_.at(root).module.Get(isolate_);
  for (;;) {
    v8::TryCatch caught(isolate_);
    if (module->InstantiateModule(context(), on_resolve).FromMaybe(false)) return module;
    if (!complete_built_in(caught)) return std::unexpected(error_of(caught));
  }
}

// What k6's modules export is whatever is asked of them, as k6 has it: a script for another version of k6 goes on as long as it does not use
// what is not there. V8 tells of one such name at a time, and only in words; those who import it then get a module around the built-in one.
// Whether it was that.
bool ModuleGraph::complete_built_in(const v8::TryCatch& caught) {
  static const RE2 kLacks(R"(SyntaxError: The requested module '([^']+)' does not provide an export named '(\w+)')");
  const ScriptException exception = describe(caught);
  std::string module;
  std::string name;
  const auto is_built_in = [this](std::string_view each) {
    return std::ranges::find(built_ins_, each, &BuiltInModule::name) != built_ins_.end();
  };
  if (!RE2::FullMatch(exception.message, kLacks, &module, &name) || !is_built_in(module)) return false;
  if (!exception.where || is_built_in(*exception.where->file)) return false;
  if (!lacking_[module].insert(name).second) return false;
  std::string text =
      fmt::format("import * as all from '{0}'; export * from '{0}'; export default all.default;", module);
  text += " const nothing = undefined; export { ";
  for (const std::string& each : lacking_[module])
    if (each != "default") text += fmt::format("nothing as {}, ", each);
  const ModuleName around = around_built_in(module);
  const Result<v8::Local<v8::Module>> compiled = compile_module(around, text + "};");
  if (!compiled) return false;
  add(around, *compiled);
  remarks_.push_back(fmt::format("{}:{}:{}: {} exports no \"{}\": it is undefined", *exception.where->file,
                                 exception.where->line, exception.where->column, module, name));
  return true;
}

// Breadth first, each module once: a circle of imports is allowed, as the language has it.
Result<void> ModuleGraph::load(const ModuleName& root) {
  std::vector<ModuleName> waiting = {root};
  std::vector<ModuleName> added;
  missing_.clear();
  const auto give_up = [&](base::Error error) {
    for (const ModuleName& name : added) modules_.erase(name);
    return std::unexpected(std::move(error));
  };
  for (std::size_t next = 0; next < waiting.size(); ++next) {
    if (modules_.contains(waiting[next])) continue;
    if (modules_.size() == kModulesMax)
      return give_up(base::input_error(fmt::format("{} imports more than {} modules", root.name, kModulesMax)).error());
    if (auto compiled = compile(waiting[next]); !compiled) return give_up(std::move(compiled).error());
    added.push_back(waiting[next]);
    for (const auto& [specifier, name] : modules_.at(waiting[next]).requests) waiting.push_back(name);
  }
  if (!missing_.empty()) return give_up(join_errors(missing_));
  return {};
}

Result<void> ModuleGraph::compile(const ModuleName& name) {
  if (name.kind == ModuleName::Kind::file) return compile_file(name);
  const BuiltInModule& built_in = *std::ranges::find(built_ins_, std::string_view(name.name), &BuiltInModule::name);
  if (!built_in.source.empty()) {
    add(name, TRY(compile_module(name, built_in.source)));
    return {};
  }
  add_natives(name, built_in.make_exports(context()));
  return {};
}

void ModuleGraph::add_natives(const ModuleName& name, const NativeExports& natives) {
  std::vector<v8::Local<v8::String>> names;
  Exports& exports = synthetic_[name];
  for (const auto& [native_name, value] : natives) {
    names.push_back(native_name);
    exports.names.emplace_back(isolate_, native_name);
    exports.values.emplace_back(isolate_, value);
  }
  add(name, v8::Module::CreateSyntheticModule(isolate_, text(name.name), names, on_evaluate_synthetic));
}

Result<v8::Local<v8::Module>> ModuleGraph::compile_module(const ModuleName& name, std::string_view source_text) {
  constexpr bool kIsModule = true;
  const v8::ScriptOrigin origin(isolate_, text(name.name), 0, 0, false, -1, v8::Local<v8::Value>(), false, false,
                                kIsModule);
  v8::TryCatch caught(isolate_);
  v8::ScriptCompiler::Source source(ModuleTexts::of(isolate_).get(name.name, source_text), origin);
  v8::Local<v8::Module> module;
  if (!v8::ScriptCompiler::CompileModule(isolate_, &source).ToLocal(&module)) return std::unexpected(error_of(caught));
  return module;
}

// An ES module is what has an import, an export or a top-level await: only that is no body of a function (k6 reference, §3.2).
Result<void> ModuleGraph::compile_file(const ModuleName& name) {
  if (commonjs_.contains(name)) return add_exports_of_commonjs(name);
  const std::string_view source_text = TRY(sources_.read_module(name.name));
  const Result<v8::Local<v8::Module>> module = compile_module(name, source_text);
  if (!module || (*module)->GetModuleRequests()->Length() == 0) {
    const v8::ScriptOrigin origin(isolate_, text(name.name), 0, -static_cast<int>(kStrict.size()));
    v8::ScriptCompiler::Source source(text(std::string(kStrict).append(source_text)), origin);
    std::array<v8::Local<v8::String>, 2> parameters = {text("module"), text("exports")};
    v8::Local<v8::Function> function;
    const v8::TryCatch caught(isolate_);
    if (v8::ScriptCompiler::CompileFunction(context(), &source, parameters.size(), parameters.data())
            .ToLocal(&function))
      return add_commonjs(name, function);
  }
  add(name, TRY(module));
  return {};
}

void ModuleGraph::add(const ModuleName& name, v8::Local<v8::Module> module) {
  LoadedModule loaded{v8::Global<v8::Module>(isolate_, module)};
  const v8::Local<v8::FixedArray> requests = module->GetModuleRequests();
  for (int i = 0; i < requests->Length(); ++i) {
    const v8::Local<v8::ModuleRequest> request = requests->Get(context(), i).As<v8::ModuleRequest>();
    const std::string specifier = to_text(isolate_, request->GetSpecifier());
    Result<ModuleName> found = sources_.resolve(specifier, name.name);
    if (found && found->kind == ModuleName::Kind::file && !commonjs_.contains(*found))
      if (const auto there = sources_.read(found->name); !there) found = std::unexpected(there.error());
    if (found) {
      loaded.requests.emplace(specifier, *std::move(found));
    } else if (missing_.size() < kMissingMax) {
      found.error().where = place_of(name.name, module->SourceOffsetToLocation(request->GetSourceOffset()));
      missing_.push_back(std::move(found).error());
    }
  }
  by_hash_.emplace(module->GetIdentityHash(), Known{v8::Global<v8::Module>(isolate_, module), name});
  // CommonJS that others have seen half done is there once more when it is whole.
  modules_.insert_or_assign(name, std::move(loaded));
}

// It is evaluated here: only that tells what it exports.
Result<void> ModuleGraph::add_commonjs(const ModuleName& name, v8::Local<v8::Function> function) {
  const v8::Local<v8::Object> module = v8::Object::New(isolate_);
  const v8::Local<v8::Object> exports = v8::Object::New(isolate_);
  module->Set(context(), text("exports"), exports).Check();
  commonjs_.emplace(name, v8::Global<v8::Object>(isolate_, module));
  std::array<v8::Local<v8::Value>, 2> arguments = {module, exports};
  std::vector<base::Error> missing = std::exchange(missing_, {});  // those of what it requires are its own
  v8::TryCatch caught(isolate_);
  if (function->Call(context(), exports, arguments.size(), arguments.data()).IsEmpty())
    return std::unexpected(error_of(caught));
  missing_ = std::move(missing);
  return add_exports_of_commonjs(name);
}

// As they are now: of modules that require each other, the one that came first is not done yet.
Result<void> ModuleGraph::add_exports_of_commonjs(const ModuleName& name) {
  v8::TryCatch caught(isolate_);
  v8::Local<v8::Value> exports;
  v8::Local<v8::Object> members;
  v8::Local<v8::Value> usual;
  if (!commonjs_.at(name).Get(isolate_)->Get(context(), text("exports")).ToLocal(&exports))
    return std::unexpected(error_of(caught));
  if (exports->IsNullOrUndefined()) return input_error(fmt::format("{} exports null: CommonJS must not", name.name));
  if (!exports->ToObject(context()).ToLocal(&members) || !members->Get(context(), text("default")).ToLocal(&usual))
    return std::unexpected(error_of(caught));
  add_synthetic(name, members, usual->IsUndefined() ? members.As<v8::Value>() : usual);
  return {};
}

void ModuleGraph::add_synthetic(const ModuleName& name, v8::Local<v8::Object> members, v8::Local<v8::Value> usual) {
  std::vector<v8::Local<v8::String>> names = {text("default")};
  v8::Local<v8::Array> keys;
  constexpr auto kFilter = static_cast<v8::PropertyFilter>(v8::ONLY_ENUMERABLE | v8::SKIP_SYMBOLS);
  const v8::TryCatch caught(isolate_);
  if (members
          ->GetPropertyNames(context(), v8::KeyCollectionMode::kOwnOnly, kFilter, v8::IndexFilter::kIncludeIndices,
                             v8::KeyConversionMode::kConvertToString)
          .ToLocal(&keys))
    for (std::uint32_t i = 0; i < keys->Length(); ++i) {
      const v8::Local<v8::String> key = keys->Get(context(), i).ToLocalChecked().As<v8::String>();
      if (!key->StringEquals(names.front())) names.push_back(key);
    }
  Exports& exports = synthetic_[name];
  exports.names.clear();
  for (const v8::Local<v8::String> each : names) exports.names.emplace_back(isolate_, each);
  exports.members.Reset(isolate_, members);
  exports.usual.Reset(isolate_, usual);
  add(name, v8::Module::CreateSyntheticModule(isolate_, text(name.name), names, on_evaluate_synthetic));
}

v8::MaybeLocal<v8::Value> ModuleGraph::Exports::get(v8::Local<v8::Context> context, std::size_t index) const {
  v8::Isolate* isolate = context->GetIsolate();
  if (members.IsEmpty()) return values[index].Get(isolate);
  if (index == 0) return usual.Get(isolate);
  return members.Get(isolate)->Get(context, names[index].Get(isolate));
}

v8::MaybeLocal<v8::Value> ModuleGraph::on_evaluate_synthetic(v8::Local<v8::Context> context,
                                                             v8::Local<v8::Module> module) {
  v8::Isolate* isolate = context->GetIsolate();
  ModuleGraph& self = graph_of(context);
  Exports& exports = self.synthetic_.at(self.name_of(module));
  for (std::size_t i = 0; i < exports.names.size(); ++i) {
    const v8::Local<v8::String> name = exports.names[i].Get(isolate);
    v8::Local<v8::Value> value;
    if (!exports.get(context, i).ToLocal(&value)) return {};
    if (module->SetSyntheticModuleExport(isolate, name, value).IsNothing()) return {};
  }
  exports.values.clear();
  const v8::Local<v8::Promise::Resolver> done = v8::Promise::Resolver::New(context).ToLocalChecked();
  done->Resolve(context, v8::Undefined(isolate)).Check();
  return done->GetPromise();
}

v8::MaybeLocal<v8::Module> ModuleGraph::on_resolve(v8::Local<v8::Context> context, v8::Local<v8::String> specifier,
                                                   v8::Local<v8::FixedArray>, v8::Local<v8::Module> referrer) {
  ModuleGraph& self = graph_of(context);
  const ModuleName& name = self.name_of(referrer);
  const LoadedModule& importer = self.modules_.at(name);
  const auto request = importer.requests.find(to_text(self.isolate_, specifier));
  assert(request != importer.requests.end());
  if (name.kind == ModuleName::Kind::file && self.lacking_.contains(request->second.name))
    return self.modules_.at(around_built_in(request->second.name)).module.Get(self.isolate_);
  return self.modules_.at(request->second).module.Get(self.isolate_);
}

const ModuleName& ModuleGraph::name_of(v8::Local<v8::Module> module) const {
  const auto [first, last] = by_hash_.equal_range(module->GetIdentityHash());
  for (auto each = first; each != last; ++each)
    if (each->second.module == module) return each->second.name;
  assert(false);
  std::unreachable();
}

v8::MaybeLocal<v8::Value> ModuleGraph::require(const ModuleName& name) {
  // One that is being evaluated gives what it has so far.
  if (!commonjs_.contains(name)) {
    v8::Local<v8::Value> space;
    if (!import_now(name).ToLocal(&space)) return {};
    if (!commonjs_.contains(name)) return space;
  }
  return commonjs_.at(name).Get(isolate_)->Get(context(), text("exports"));
}

// The namespace of a module. Evaluation that waits for something is over all the same: what it waits for comes later.
v8::MaybeLocal<v8::Value> ModuleGraph::import_now(const ModuleName& name) {
  const Result<v8::Local<v8::Module>> linked = link(name);
  if (!linked) {
    throw_error(isolate_, linked.error());
    return {};
  }
  v8::Local<v8::Value> evaluated;
  const bool has_ended = (*linked)->Evaluate(context()).ToLocal(&evaluated);
  if ((*linked)->GetStatus() == v8::Module::kErrored) drop_broken();
  if (!has_ended) return {};
  if (evaluated->IsPromise() && evaluated.As<v8::Promise>()->State() == v8::Promise::kRejected) {
    evaluated.As<v8::Promise>()->MarkAsHandled();
    isolate_->ThrowException(evaluated.As<v8::Promise>()->Result());
    return {};
  }
  return (*linked)->GetModuleNamespace();
}

// V8 keeps what a module threw, and throws it again whenever somebody asks for it. That is right for a script's own modules, but not where it
// was interrupted, which V8 keeps as null; and what k6's modules throw is only that there is no room, on the stack or in the heap, where they
// were first asked for. Who asks again gets new ones.
void ModuleGraph::drop_broken() {
  std::erase_if(modules_, [this](const auto& loaded) {
    const v8::Local<v8::Module> module = loaded.second.module.Get(isolate_);
    if (module->GetStatus() != v8::Module::kErrored) return false;
    return loaded.first.kind == ModuleName::Kind::built_in || module->GetException()->IsNull();
  });
}

void ModuleGraph::on_require(const v8::FunctionCallbackInfo<v8::Value>& call) {
  v8::Isolate* isolate = call.GetIsolate();
  ModuleGraph& self = graph_of(isolate->GetCurrentContext());
  if (!self.is_init_)
    return throw_error(isolate, {.message = "the \"require\" function is only available in the init stage (i.e. the "
                                            "global scope): call it outside of the script's functions"});
  const v8::Local<v8::StackTrace> stack = v8::StackTrace::CurrentStackTrace(isolate, 1);
  std::string importer;
  if (stack->GetFrameCount() > 0) importer = to_text(isolate, stack->GetFrame(isolate, 0)->GetScriptName());
  const Result<ModuleName> name = self.sources_.resolve(to_text(isolate, call[0]), importer);
  if (!name) return throw_error(isolate, name.error());
  v8::Local<v8::Value> exports;
  const int waiting =
      std::exchange(self.frames_waiting_, v8::StackTrace::CurrentStackTrace(isolate, kFramesMax)->GetFrameCount());
  if (self.require(*name).ToLocal(&exports)) call.GetReturnValue().Set(exports);
  self.frames_waiting_ = waiting;
}

std::string ModuleGraph::evaluated_file() const {
  const v8::Local<v8::StackTrace> stack = v8::StackTrace::CurrentStackTrace(isolate_, kFramesMax);
  for (int i = stack->GetFrameCount() - 1 - frames_waiting_; i >= 0; --i) {
    const v8::Local<v8::String> name = stack->GetFrame(isolate_, static_cast<std::uint32_t>(i))->GetScriptName();
    if (name.IsEmpty()) continue;
    std::string file = to_text(isolate_, name);
    if (!is_built_in(file)) return file;  // such as the one that rings timers
  }
  return {};
}

// The language's import(), which k6 does not have.
v8::MaybeLocal<v8::Promise> ModuleGraph::on_import(v8::Local<v8::Context> context, v8::Local<v8::Data>,
                                                   v8::Local<v8::Value> importer, v8::Local<v8::String> specifier,
                                                   v8::Local<v8::FixedArray>) {
  ModuleGraph& self = graph_of(context);
  v8::Isolate* isolate = self.isolate_;
  v8::TryCatch caught(isolate);
  const v8::Local<v8::Promise::Resolver> promise = v8::Promise::Resolver::New(context).ToLocalChecked();
  const Result<ModuleName> name = self.sources_.resolve(to_text(isolate, specifier), to_text(isolate, importer));
  v8::Local<v8::Value> space;
  if (!name)
    throw_error(isolate, name.error());
  else if (self.import_now(*name).ToLocal(&space))
    promise->Resolve(context, space).Check();
  if (caught.HasTerminated()) return {};
  if (caught.HasCaught()) promise->Reject(context, caught.Exception()).Check();
  return promise->GetPromise();
}

void ModuleGraph::on_import_meta(v8::Local<v8::Context> context, v8::Local<v8::Module> module,
                                 v8::Local<v8::Object> meta) {
  const ModuleGraph& self = graph_of(context);
  const v8::Local<v8::String> path = self.text(self.name_of(module).name);
  const v8::Local<v8::Function> resolve = v8::Function::New(context, on_resolve_path, path).ToLocalChecked();
  meta->CreateDataProperty(context, self.text("resolve"), resolve).Check();
}

void ModuleGraph::on_resolve_path(const v8::FunctionCallbackInfo<v8::Value>& call) {
  ModuleGraph& self = graph_of(call.GetIsolate()->GetCurrentContext());
  const Result<ModuleName> name = self.sources_.resolve(to_text(self.isolate_, call[0]), path_in(call));
  if (!name) return throw_error(self.isolate_, name.error());
  const bool is_file = name->kind == ModuleName::Kind::file;
  call.GetReturnValue().Set(
      self.text(is_file ? fmt::format("file://{}/{}", self.sources_.root(), name->name) : name->name));
}

ScriptException ModuleGraph::describe(const v8::TryCatch& caught) const {
  return describe(describe_exception(context(), caught));
}

// Places in the texts that were written. What has none, because the engine threw it, gets that of the first frame which has one.
ScriptException ModuleGraph::describe(ScriptException exception) const {
  const auto original_of = [this](const std::string& path, std::uint32_t line, std::uint32_t column) {
    return sources_.find_original(path, line, column).value_or(OriginalPlace{path, line, column});
  };
  static const RE2 kFrame(R"((    at (?:.* \()?)(.*):(\d+):(\d+)(\)?))");  // "    at name (load/main.ts:3:5)"
  std::string stack;
  std::optional<OriginalPlace> first;
  for (const std::string_view line : base::split(exception.stack, '\n')) {
    std::string before, path, after;
    OriginalPlace place;
    stack += stack.empty() ? "" : "\n";
    if (!RE2::FullMatch(line, kFrame, &before, &path, &place.line, &place.column, &after)) {
      stack += line;
      continue;
    }
    place = original_of(path, place.line, place.column);
    stack += fmt::format("{}{}:{}:{}{}", before, place.file, place.line, place.column, after);
    if (!first && !sources_.line_of(place.file, place.line).empty()) first = place;
  }
  exception.stack = std::move(stack);
  if (!exception.where && !first) return exception;
  const OriginalPlace place =
      exception.where ? original_of(*exception.where->file, exception.where->line, exception.where->column) : *first;
  exception.where = base::SourcePos{std::make_shared<const std::string>(place.file), place.line, place.column};
  const std::string_view line = sources_.line_of(place.file, place.line);
  if (!line.empty()) exception.source_line = line.size() > kSourceLineMax ? std::string_view() : line;
  return exception;
}

}  // namespace gantry::load
