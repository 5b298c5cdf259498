#pragma once

// The modules of one VU, as V8 has them: ES modules, CommonJS and k6's own, each found, compiled and linked once (k6 reference, §3.2).
// All of it is used by the thread that holds the isolate's lock, with the context entered.
//
// Modules are linked in two steps. First the graph is walked here, file by file, so that all that cannot be found is reported at once,
// with the place of its import; V8's own linking then finds every module compiled, and only looks for the names. CommonJS is evaluated while
// the graph is walked, because only that tells which names it exports.

#include "load/script/built_in.h"
#include "load/script/exception.h"
#include "load/script/module_sources.h"

#include <v8.h>

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gantry::load {

class ModuleGraph {
 public:
  // What is referred to outlives this. The context finds this again, and has the function `require`.
  ModuleGraph(v8::Isolate* isolate, const v8::Global<v8::Context>& context, ModuleSources& sources,
              std::span<const BuiltInModule> built_ins);
  ModuleGraph(const ModuleGraph&) = delete;
  ModuleGraph& operator=(const ModuleGraph&) = delete;

  // A module, and all that it imports, ready to be evaluated. Errors: input, with the place: modules that cannot be found or read, a
  // syntax error, an import of a name that is not exported, an exception in CommonJS; more than 1,000 modules.
  base::Result<v8::Local<v8::Module>> link(const ModuleName& root);

  // Evaluated at once, if it is not yet: what it exports. A built-in module may be asked for at any time. Nothing where it threw.
  v8::MaybeLocal<v8::Value> require(const ModuleName& name);

  // Whose top level goes on where a script calls now: the module's that is imported, or required, whoever wrote the function. "" where
  // none does.
  std::string evaluated_file() const;

  // From now on require() is refused, as the script's functions may not use it.
  void end_init() { is_init_ = false; }

  // One sentence for each name that is imported from a built-in module which has none such: it is undefined.
  const std::vector<std::string>& remarks() const { return remarks_; }

  // What was thrown, at the place where it was written.
  ScriptException describe(const v8::TryCatch& caught) const;
  ScriptException describe(ScriptException exception) const;

 private:
  struct LoadedModule {
    v8::Global<v8::Module> module;
    std::map<std::string, ModuleName, std::less<>> requests = {};  // by specifier
  };
  struct Known {
    v8::Global<v8::Module> module;
    ModuleName name;
  };
  // What a module that is no ES module exports once it is evaluated: values, or the members of what CommonJS exports.
  struct Exports {
    std::vector<v8::Global<v8::String>> names = {};  // of CommonJS the default first
    std::vector<v8::Global<v8::Value>> values = {};
    v8::Global<v8::Object> members = {};
    v8::Global<v8::Value> usual = {};

    v8::MaybeLocal<v8::Value> get(v8::Local<v8::Context> context, std::size_t index) const;
  };

  static v8::MaybeLocal<v8::Module> on_resolve(v8::Local<v8::Context> context, v8::Local<v8::String> specifier,
                                               v8::Local<v8::FixedArray> assertions, v8::Local<v8::Module> referrer);
  static v8::MaybeLocal<v8::Value> on_evaluate_synthetic(v8::Local<v8::Context> context, v8::Local<v8::Module> module);
  static void on_require(const v8::FunctionCallbackInfo<v8::Value>& call);
  static void on_resolve_path(const v8::FunctionCallbackInfo<v8::Value>& call);
  static void on_import_meta(v8::Local<v8::Context> context, v8::Local<v8::Module> module, v8::Local<v8::Object> meta);
  static v8::MaybeLocal<v8::Promise> on_import(v8::Local<v8::Context> context, v8::Local<v8::Data> options,
                                               v8::Local<v8::Value> importer, v8::Local<v8::String> specifier,
                                               v8::Local<v8::FixedArray> assertions);

  base::Result<void> load(const ModuleName& root);
  base::Result<void> compile(const ModuleName& name);
  base::Result<void> compile_file(const ModuleName& name);
  base::Result<v8::Local<v8::Module>> compile_module(const ModuleName& name, std::string_view text);
  void add(const ModuleName& name, v8::Local<v8::Module> module);
  base::Result<void> add_commonjs(const ModuleName& name, v8::Local<v8::Function> function);
  base::Result<void> add_exports_of_commonjs(const ModuleName& name);
  void add_natives(const ModuleName& name, const NativeExports& natives);
  void add_synthetic(const ModuleName& name, v8::Local<v8::Object> members, v8::Local<v8::Value> usual);
  bool complete_built_in(const v8::TryCatch& caught);
  v8::MaybeLocal<v8::Value> import_now(const ModuleName& name);
  void drop_broken();
  const ModuleName& name_of(v8::Local<v8::Module> module) const;
  base::Error error_of(const v8::TryCatch& caught) const { return to_error(describe(caught)); }

  v8::Local<v8::Context> context() const { return isolate_->GetCurrentContext(); }
  v8::Local<v8::String> text(std::string_view utf8) const { return to_v8(isolate_, utf8); }

  v8::Isolate* isolate_;
  ModuleSources& sources_;
  std::span<const BuiltInModule> built_ins_;
  int frames_waiting_ = 0;  // of the stack, for the innermost require()
  bool is_init_ = true;
  std::map<ModuleName, LoadedModule> modules_;
  std::unordered_multimap<int, Known> by_hash_;            // every module that there ever was
  std::vector<base::Error> missing_;                       // imports that lead nowhere
  std::map<ModuleName, v8::Global<v8::Object>> commonjs_;  // the object `module` of each
  std::map<ModuleName, Exports> synthetic_;
  std::map<std::string, std::set<std::string>, std::less<>> lacking_;  // names that files import, by built-in module
  std::vector<std::string> remarks_;
};

}  // namespace gantry::load
