# Tests, fuzz targets and benchmarks. All three mirror src/: tests/<room>/, fuzz/<room>/, bench/<room>/.

include(GoogleTest)

set(GANTRY_TEST_TIMEOUT_SECONDS 60 CACHE STRING "When one test is killed; sanitizer presets allow more")
set(GANTRY_FUZZ_SECONDS 10 CACHE STRING "How long ctest lets each libFuzzer target search (fuzz preset only)")
# The same inputs in every run, as far as the time goes: a change is judged by what it changes, not by luck. 0 is another each time.
set(GANTRY_FUZZ_SEED 20261124 CACHE STRING "Where each libFuzzer target begins (fuzz preset only)")
option(GANTRY_LIBFUZZER "Link fuzz targets with libFuzzer, which only clang has; otherwise with a main that replays" OFF)

add_custom_target(tests)    # builds all that ctest runs, benchmarks aside
add_custom_target(fuzzers)  # builds all fuzz targets
add_custom_target(benches)  # builds all benchmarks

# gantry_test(base SOURCES result_test.cc ... [LINKS ...]) makes gantry_base_test and registers each of its test cases as
# base.<Suite>.<Test>. Tests see src/ and tests/ as include roots, and their room's private headers; support/golden.h finds
# fixtures whatever the working directory.
function(gantry_test room)
  cmake_parse_arguments(PARSE_ARGV 1 test "" "" "SOURCES;LINKS")
  set(target gantry_${room}_test)
  add_executable(${target} ${test_SOURCES})
  target_precompile_headers(${target} REUSE_FROM gantry_test_support)
  target_link_libraries(${target} PRIVATE gantry_flags gantry_test_support ${test_LINKS} rapidcheck GTest::gtest_main)
  if(TARGET gantry_${room})
    target_link_libraries(${target} PRIVATE gantry_${room})
  endif()
  add_dependencies(tests ${target})
  # PRE_TEST: a binary is asked for its cases when ctest runs, not after each link.
  gtest_discover_tests(${target} TEST_PREFIX ${room}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${GANTRY_TEST_TIMEOUT_SECONDS} LABELS ${room})
endfunction()

# The main of fuzz targets where there is no libFuzzer.
add_library(gantry_fuzz_replay OBJECT EXCLUDE_FROM_ALL "${PROJECT_SOURCE_DIR}/fuzz/replay.cc")
target_link_libraries(gantry_fuzz_replay PRIVATE gantry_flags)

# gantry_fuzz(yaml ROOM base SOURCE yaml_fuzz.cc CORPUS yaml_corpus [LINKS ...]) makes gantry_yaml_fuzz from one
# LLVMFuzzerTestOneInput. Under the fuzz preset it is a libFuzzer program and ctest lets it search for a fixed time from
# the kept corpus; elsewhere ctest replays the corpus, so that old finds stay fixed.
function(gantry_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 fuzz "" "ROOM;SOURCE;CORPUS" "LINKS")
  set(target gantry_${name}_fuzz)
  set(corpus "${CMAKE_CURRENT_SOURCE_DIR}/${fuzz_CORPUS}")
  add_executable(${target} ${fuzz_SOURCE})
  target_link_libraries(${target} PRIVATE gantry_flags gantry_${fuzz_ROOM} ${fuzz_LINKS})
  add_dependencies(tests ${target})
  add_dependencies(fuzzers ${target})
  if(GANTRY_LIBFUZZER)
    # New inputs go to the first directory, under build/; the kept corpus is only read.
    set(found "${CMAKE_CURRENT_BINARY_DIR}/${name}_found")
    file(MAKE_DIRECTORY "${found}")
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz.${name}
      COMMAND ${target} -max_total_time=${GANTRY_FUZZ_SECONDS} -seed=${GANTRY_FUZZ_SEED} -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
              "-artifact_prefix=${found}/" "${found}" "${corpus}")
  else()
    target_link_libraries(${target} PRIVATE gantry_fuzz_replay)
    add_test(NAME fuzz.${name} COMMAND ${target} "${corpus}")
  endif()
  set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 300 LABELS fuzz)
endfunction()

# gantry_bench(loading ROOM kube SOURCES loading_bench.cc [LINKS ...]) makes gantry_kube_loading_bench. A benchmark checks
# its answers, so ctest runs each of them once (no sanitizer preset does); figures come from the bench preset.
function(gantry_bench topic)
  cmake_parse_arguments(PARSE_ARGV 1 bench "" ROOM "SOURCES;LINKS")
  set(target gantry_${bench_ROOM}_${topic}_bench)
  add_executable(${target} ${bench_SOURCES})
  target_compile_definitions(${target} PRIVATE GANTRY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE
    gantry_flags gantry_${bench_ROOM} ${bench_LINKS} benchmark::benchmark benchmark::benchmark_main)
  add_dependencies(benches ${target})
  add_test(NAME bench.${bench_ROOM}.${topic} COMMAND ${target} --benchmark_min_time=0.001)
  set_tests_properties(bench.${bench_ROOM}.${topic} PROPERTIES TIMEOUT 120 LABELS bench)
endfunction()

# gantry_schema_test(net ROOM cli FOLDER net/matrix OUTPUTS expected.json=net-matrix ...) registers <room>.<name>_schemas: each
# kept output, found by a pattern below the folder, is as the schema of docs/formats says.
# Debian's own interpreter: python3-jsonschema is installed for that one, whatever else is first in PATH.
find_program(GANTRY_DEBIAN_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
function(gantry_schema_test name)
  cmake_parse_arguments(PARSE_ARGV 1 schema "" "ROOM;FOLDER" "OUTPUTS")
  set(test ${schema_ROOM}.${name}_schemas)
  add_test(NAME ${test}
    COMMAND ${GANTRY_DEBIAN_PYTHON} ${PROJECT_SOURCE_DIR}/tests/support/check_schemas.py ${PROJECT_SOURCE_DIR}/docs/formats
            ${CMAKE_CURRENT_SOURCE_DIR}/${schema_FOLDER} ${schema_OUTPUTS})
  set_tests_properties(${test} PROPERTIES TIMEOUT ${GANTRY_TEST_TIMEOUT_SECONDS} LABELS ${schema_ROOM})
endfunction()

# gantry_output_schema_test(doctor ROOM cli SCHEMA doctor COMMAND $<TARGET_FILE:gantry> doctor --json) registers <room>.<name>_schema: what
# a program writes on this machine is as the schema of docs/formats says.
function(gantry_output_schema_test name)
  cmake_parse_arguments(PARSE_ARGV 1 output "" "ROOM;SCHEMA" "COMMAND")
  set(test ${output_ROOM}.${name}_schema)
  add_test(NAME ${test}
    COMMAND ${GANTRY_DEBIAN_PYTHON} ${PROJECT_SOURCE_DIR}/tests/support/check_schemas.py ${PROJECT_SOURCE_DIR}/docs/formats
            --output-of ${output_SCHEMA} ${output_COMMAND})
  set_tests_properties(${test} PROPERTIES TIMEOUT ${GANTRY_TEST_TIMEOUT_SECONDS} LABELS ${output_ROOM})
endfunction()
