#include "load/script/module_texts.h"

#include "load/script/exception.h"

namespace gantry::load {

v8::Local<v8::String> ModuleTexts::get(const std::string& name, std::string_view text) {
  Known& known = known_[name];
  if (known.string.IsEmpty() || known.text != text) {
    known.text = text;
    known.string.Reset(isolate_, to_v8(isolate_, text));
  }
  return known.string.Get(isolate_);
}

}  // namespace gantry::load
