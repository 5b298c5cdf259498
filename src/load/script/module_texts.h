#pragma once

// The texts of modules as V8 has them, one of each for all contexts of an isolate: V8 knows what it has compiled by its source, and one
// that it has seen needs neither be copied nor read again.

#include <v8.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace gantry::load {

class ModuleTexts {
 public:
  // An isolate has them from the one to the other.
  static void make(v8::Isolate* isolate) { isolate->SetData(kSlot, new ModuleTexts(isolate)); }
  static void drop(v8::Isolate* isolate) { delete &of(isolate); }

  static ModuleTexts& of(v8::Isolate* isolate) { return *static_cast<ModuleTexts*>(isolate->GetData(kSlot)); }

  // By the thread that holds the lock.
  v8::Local<v8::String> get(const std::string& name, std::string_view text);

 private:
  explicit ModuleTexts(v8::Isolate* isolate) : isolate_(isolate) {}

  static constexpr std::uint32_t kSlot = 0;  // of the isolate's data

  struct Known {
    std::string text;
    v8::Global<v8::String> string;
  };
  v8::Isolate* isolate_;
  std::map<std::string, Known> known_;  // by the module's name
};

}  // namespace gantry::load
