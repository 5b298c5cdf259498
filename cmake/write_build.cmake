# Writes into HEADER what tells code of FOLDERS (below SOURCE, between commas) from any other: a digest of all their files and of what
# compiles them. Only where it is another than before, so that nothing else is built anew.
string(REPLACE "," ";" folders "${FOLDERS}")
set(said "${MADE_BY}\n")
foreach(folder IN LISTS folders)
  file(GLOB_RECURSE files RELATIVE "${SOURCE}" "${SOURCE}/${folder}/*")
  list(SORT files)
  foreach(file IN LISTS files)
    file(SHA256 "${SOURCE}/${file}" digest)
    string(APPEND said "${digest} ${file}\n")
  endforeach()
endforeach()
string(SHA256 digest "${said}")
string(SUBSTRING "${digest}" 0 16 digest)
set(text "#pragma once\n\n#include <string_view>\n\nnamespace gantry::load::build {\n
inline constexpr std::string_view kSources = \"${digest}\";\n
}  // namespace gantry::load::build\n")
file(CONFIGURE OUTPUT "${HEADER}" CONTENT "${text}" @ONLY)
