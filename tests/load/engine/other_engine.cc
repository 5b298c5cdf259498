// A library that calls itself a script engine, of another build or of none.

#ifdef GANTRY_SAYS_BUILD
extern "C" __attribute__((visibility("default"))) const char* gantry_script_engine_build() { return "0.0.9-other"; }
#endif
extern "C" __attribute__((visibility("default"))) void gantry_script_engine_entry(void*) { __builtin_trap(); }
