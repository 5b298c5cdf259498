# Writes the commit that SOURCE is at into HEADER, and only where it is another than before, so that nothing else is built anew.
find_program(GIT git)
set(commit "")
if(GIT)
  execute_process(
    COMMAND "${GIT}" -C "${SOURCE}" describe --always --dirty --abbrev=40 --match=-
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
set(text "#pragma once\n\n#include <string_view>\n\nnamespace gantry::cli::build {\n
// \"\" where it was not built from a repository; -dirty behind it where files differ from it.
inline constexpr std::string_view kCommit = \"${commit}\";\n
}  // namespace gantry::cli::build\n")
file(CONFIGURE OUTPUT "${HEADER}" CONTENT "${text}" @ONLY)
