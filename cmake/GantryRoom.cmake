# One function makes a room, so that all rooms are alike and dependency direction is the build's business:
#
#   gantry_room(netpol FLOOR 2
#     HEADERS netpol.h                     # the public face; every other header in the folder is private
#     SOURCES reachability.cc policies.cc
#     USES    base kube                    # lower floors only: anything else is a configure error
#     LINKS   fmt::fmt                     # third party, private to the room
#     PRECOMPILE <CLI/CLI.hpp>             # headers of third parties that most of its files include
#     PIC)                                 # also part of a shared library
#
# makes the static library gantry_netpol with include root src/. What a compiler can't see (an #include of a private
# header, of a room outside USES) is refused by tests/house/layout_test.cc, which reads the graph written below.

function(gantry_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room PIC FLOOR "HEADERS;SOURCES;USES;LINKS;PRECOMPILE")
  if(NOT DEFINED room_FLOOR OR NOT room_HEADERS OR NOT room_SOURCES OR room_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "gantry_room(${name}): write gantry_room(name FLOOR n HEADERS ... SOURCES ... [USES ...] [LINKS ...] [PRECOMPILE ...] [PIC])")
  endif()
  gantry_check_floors("${name}" "${room_FLOOR}" "${room_USES}")

  set(target gantry_${name})
  add_library(${target} STATIC)
  target_sources(${target}
    PRIVATE ${room_SOURCES}
    PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/src" FILES ${room_HEADERS})
  target_compile_features(${target} PUBLIC cxx_std_23)
  target_link_libraries(${target} PRIVATE gantry_flags ${room_LINKS})
  foreach(used IN LISTS room_USES)
    target_link_libraries(${target} PUBLIC gantry_${used})
  endforeach()
  gantry_precompile_room(${target})
  gantry_record_room("${name}")
endfunction()

# A room of ordinary options reuses a precompiled header; one with headers of its own has its own.
function(gantry_precompile_room target)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ${room_PIC})
  if(room_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${room_PRECOMPILE} ${gantry_common_headers})
  elseif(room_PIC)
    target_precompile_headers(${target} REUSE_FROM gantry_headers_pic)
  else()
    target_precompile_headers(${target} REUSE_FROM gantry_headers)
  endif()
endfunction()

# The program of a room: its main.cc linked with the room, placed at the top of the build directory.
function(gantry_program name)
  cmake_parse_arguments(PARSE_ARGV 1 program "" "ROOM;SOURCE" "LINKS")
  add_executable(${name} ${program_SOURCE})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}" BUILD_RPATH "$ORIGIN")
  target_link_libraries(${name} PRIVATE gantry_flags gantry_${program_ROOM} ${program_LINKS})
  set_property(GLOBAL APPEND PROPERTY gantry_${program_ROOM}_sources ${program_SOURCE})
endfunction()

# A room uses rooms of lower floors only; the first that is not stops the configuration.
function(gantry_check_floors name floor uses)
  foreach(used IN LISTS uses)
    get_property(used_floor GLOBAL PROPERTY gantry_${used}_floor)
    if("${used_floor}" STREQUAL "")
      message(FATAL_ERROR "room ${name} uses ${used}, but no room ${used} is declared before it")
    elseif(NOT used_floor LESS floor)
      message(FATAL_ERROR
        "room ${name} (floor ${floor}) may only use rooms on lower floors, and ${used} is on floor ${used_floor}")
    endif()
  endforeach()
endfunction()

# Remembers the room whose arguments the caller, gantry_room, has parsed.
function(gantry_record_room name)
  set_property(GLOBAL APPEND PROPERTY gantry_rooms "${name}")
  set_property(GLOBAL PROPERTY gantry_${name}_floor "${room_FLOOR}")
  set_property(GLOBAL PROPERTY gantry_${name}_uses "${room_USES}")
  set_property(GLOBAL PROPERTY gantry_${name}_headers "${room_HEADERS}")
  set_property(GLOBAL PROPERTY gantry_${name}_sources "${room_SOURCES}")
endfunction()

# Writes {"rooms": [{"name", "floor", "uses", "headers", "sources"}, …]}, lowest floor first.
function(gantry_write_room_graph file)
  get_property(rooms GLOBAL PROPERTY gantry_rooms)
  set(entries "")
  foreach(name IN LISTS rooms)
    get_property(floor GLOBAL PROPERTY gantry_${name}_floor)
    set(entry "{\"name\": \"${name}\", \"floor\": ${floor}")
    foreach(key IN ITEMS uses headers sources)
      get_property(values GLOBAL PROPERTY gantry_${name}_${key})
      list(TRANSFORM values REPLACE "^.+$" "\"\\0\"")
      list(JOIN values ", " values)
      string(APPEND entry ", \"${key}\": [${values}]")
    endforeach()
    list(APPEND entries "    ${entry}}")
  endforeach()
  list(JOIN entries ",\n" entries)
  file(CONFIGURE OUTPUT "${file}" CONTENT "{\n  \"rooms\": [\n${entries}\n  ]\n}\n" @ONLY)
endfunction()
