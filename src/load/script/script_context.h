#pragma once

// The script of one VU: its own globals and its own evaluation of the module graph (k6 reference, §2 and §3). All of it is used by the
// thread that holds the isolate's lock.
//
//   ScriptContext vu(isolate, sources, built_ins);
//   TRY(vu.load("load/health.js"));
//   const std::expected<…> returned = vu.call("default", {});

#include "load/script/built_in.h"
#include "load/script/exception.h"
#include "load/script/intrinsics.h"
#include "load/script/isolate.h"
#include "load/script/module_graph.h"
#include "load/script/module_sources.h"

#include <v8.h>

#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

class ScriptContext {
 public:
  // What is referred to outlives this.
  ScriptContext(ScriptIsolate& isolate, ModuleSources& sources, std::span<const BuiltInModule> built_ins);
  ScriptContext(const ScriptContext&) = delete;
  ScriptContext& operator=(const ScriptContext&) = delete;
  ~ScriptContext();

  // Evaluates a script and all that it imports, once: the init context, in which alone a script may require(). Errors: as
  // ModuleGraph::link(), and an exception at top level.
  base::Result<void> load(const std::string& path);

  // The same for a built-in module that the script need not import.
  base::Result<void> load_built_in(std::string_view name);

  // What a built-in module exports, evaluated now if it is not yet. Nothing where that threw.
  v8::MaybeLocal<v8::Value> require_built_in(std::string_view name) {
    return graph_.require({ModuleName::Kind::built_in, std::string(name)});
  }

  // Of the main script, by name. After load().
  std::vector<std::string> exported_functions() const;
  bool exports(std::string_view name) const;
  // An export as JSON; nothing where it is undefined or a function. What JSON cannot hold is an exception: NaN, a function, a circle.
  std::expected<std::optional<std::string>, ScriptException> export_as_json(std::string_view name) const;

  // Sets members of an object that is exported, to those of an object in JSON. One that lets nobody do so stays as it is.
  void set_members_of_export(std::string_view name, const std::string& json);

  // Calls an exported function and waits for what it promises. The value as JSON, as above. An exception, or a rejection that nobody
  // handles, is what comes back.
  std::expected<std::optional<std::string>, ScriptException> call(std::string_view name,
                                                                  std::span<const std::string> json_arguments = {});

  // The same for a function whose value is of no interest.
  std::expected<void, ScriptException> call_for_nothing(std::string_view name,
                                                        std::span<const std::string> json_arguments);
  // The same for a function that returns texts by name, or ArrayBuffers, whose bytes are told; nothing where it returns null or undefined.
  // What is neither is an exception too.
  std::expected<std::optional<std::map<std::string, std::string>>, ScriptException> call_for_texts(
      std::string_view name, std::span<const std::string> json_arguments);

  // What run() passes on, parsed once: a function may change it for the next. Nothing is kept of "undefined".
  std::expected<void, ScriptException> keep_argument(const std::string& json);
  // Calls an exported function with what is kept, and waits for what it promises; what it returns is of no interest.
  std::expected<void, ScriptException> run(std::string_view name);

  // Whether load() failed for a promise that a top level has left behind: nobody handles that it is rejected, or nothing settles it.
  bool has_left_promise() const { return has_left_promise_; }

  // As ModuleGraph has it.
  std::string evaluated_file() const { return graph_.evaluated_file(); }

  // Of what was loaded (ModuleGraph::remarks).
  const std::vector<std::string>& remarks() const { return graph_.remarks(); }

  Intrinsics& intrinsics() { return intrinsics_; }
  // Of what it has replaced so far; outside of the script.
  void guard_intrinsics();

  // What runs when nothing else does, as long as something is pending, such as a timer: it lets one thing happen, or with `true` drops all.
  void set_idle(v8::Local<v8::Function> idle) { idle_.Reset(isolate(), idle); }
  void set_has_pending(bool has_pending) { has_pending_ = has_pending; }

  void set_global(std::string_view name, double value);
  void drop_global(std::string_view name);
  void set_global(std::string_view name, const std::map<std::string, std::string>& values);

  v8::Isolate* isolate() const { return isolate_.get(); }
  v8::Local<v8::Context> context() const { return context_.Get(isolate_.get()); }

 private:
  base::Result<void> evaluate(const ModuleName& root);
  std::expected<v8::Local<v8::Value>, ScriptException> invoke_with(std::string_view name,
                                                                   std::span<const std::string> json_arguments);
  std::expected<v8::Local<v8::Value>, ScriptException> invoke(std::string_view name,
                                                              std::span<v8::Local<v8::Value>> arguments);
  static void on_rejection(v8::PromiseRejectMessage message);
  std::expected<void, ScriptException> check_rejections();
  ScriptException describe_rejection(v8::Local<v8::Promise> promise) const;
  std::expected<void, ScriptException> run_pending();
  void drop_pending();
  std::expected<void, ScriptException> settle(v8::Local<v8::Value> value);
  ScriptException describe_ending(const v8::TryCatch& caught) const;
  v8::Local<v8::Object> main_exports() const;
  v8::MaybeLocal<v8::Value> find_export(std::string_view name) const;
  std::expected<std::optional<std::string>, ScriptException> to_json(v8::Local<v8::Value> value) const;

  ScriptIsolate& isolate_;
  const ModuleSources& sources_;
  v8::Global<v8::Context> context_;
  ModuleGraph graph_;
  Intrinsics intrinsics_;
  v8::Global<v8::Module> main_;
  v8::Global<v8::Value> argument_;
  v8::Global<v8::Function> idle_;
  v8::Global<v8::Function> stringify_;  // as the language has it, whatever a script makes of JSON
  bool has_pending_ = false;
  bool has_left_promise_ = false;
  std::vector<v8::Global<v8::Promise>> rejections_;                         // that nobody handles so far
  std::map<std::string, v8::Global<v8::Function>, std::less<>> functions_;  // that run() has called
};

}  // namespace gantry::load
