# Every library we link, found once. A room names the targets it needs under LINKS and links them privately;
# which libraries have a single owner is a table in tests/house/layout.cc. The packages are those of scripts/setup.

set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)  # found here, linked wherever a static room ends up
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)             # Threads::Threads
find_package(PkgConfig REQUIRED)

find_package(fmt 9 REQUIRED)               # fmt::fmt
find_package(spdlog REQUIRED)              # spdlog::spdlog
find_package(CLI11 REQUIRED)               # CLI11::CLI11
find_package(simdjson REQUIRED)            # simdjson::simdjson
find_package(nlohmann_json REQUIRED)       # nlohmann_json::nlohmann_json
find_package(OpenSSL REQUIRED)             # OpenSSL::Crypto, OpenSSL::SSL
find_package(Boost 1.81 REQUIRED COMPONENTS context)  # Boost::headers: Asio and Beast are headers only; Boost::context: fibers
find_package(Snappy REQUIRED)              # Snappy::snappy
find_package(ZLIB REQUIRED)                # ZLIB::ZLIB
find_package(SQLiteCpp REQUIRED)           # SQLiteCpp
find_package(roaring REQUIRED)             # roaring::roaring
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET GLOBAL yaml-0.1)           # PkgConfig::yaml, which is libyaml
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET GLOBAL libutf8proc)    # PkgConfig::utf8proc
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET GLOBAL re2)                 # PkgConfig::re2
pkg_check_modules(brotli REQUIRED IMPORTED_TARGET GLOBAL libbrotlidec libbrotlienc)  # PkgConfig::brotli
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET GLOBAL libzstd)            # PkgConfig::zstd
pkg_check_modules(nghttp2 REQUIRED IMPORTED_TARGET GLOBAL libnghttp2)      # PkgConfig::nghttp2
pkg_check_modules(cmark-gfm REQUIRED IMPORTED_TARGET GLOBAL libcmark-gfm)  # PkgConfig::cmark-gfm, extensions included

find_package(LibArchive REQUIRED)          # LibArchive::LibArchive
pkg_check_modules(nats REQUIRED IMPORTED_TARGET GLOBAL libnats)            # PkgConfig::nats
find_package(CURL REQUIRED)                # CURL::libcurl, for the sample API, as the next
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET GLOBAL hiredis)         # PkgConfig::hiredis

# V8: where scripts/setup has unpacked it, or from Debian's libnode-dev. Only one of the two is looked at, since another nodejs puts
# the headers of another V8 where libnode-dev would. What was unpacked finds its own libraries through the program's rpath: the old
# kind, which holds for what a library needs in turn.
set(v8_prefix "${PROJECT_SOURCE_DIR}/.deps/v8/usr")
if(NOT EXISTS "${v8_prefix}")
  set(v8_prefix /usr)
endif()
find_path(GANTRY_V8_INCLUDE_DIR v8.h PATHS "${v8_prefix}/include" PATH_SUFFIXES node NO_DEFAULT_PATH REQUIRED)
find_library(GANTRY_V8_LIBRARY node PATHS "${v8_prefix}/lib" PATH_SUFFIXES "${CMAKE_LIBRARY_ARCHITECTURE}" NO_DEFAULT_PATH REQUIRED)
add_library(V8::V8 UNKNOWN IMPORTED GLOBAL)
set_target_properties(V8::V8 PROPERTIES
  IMPORTED_LOCATION "${GANTRY_V8_LIBRARY}"
  INTERFACE_INCLUDE_DIRECTORIES "${GANTRY_V8_INCLUDE_DIR}")
# libnode would take our copies of inline functions for its own, sanitized ones too, which then miss the type information that it is
# built without: so it sees none of them. Programs of clang are another matter: they hold its sanitizers, which libraries must see.
target_link_options(V8::V8 INTERFACE
  "$<$<OR:$<CXX_COMPILER_ID:GNU>,$<STREQUAL:$<TARGET_PROPERTY:TYPE>,MODULE_LIBRARY>>:LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/script_engine.map>")
# A program that has the room but runs no script does not load it.
target_link_options(V8::V8 INTERFACE "LINKER:--as-needed")
if(NOT v8_prefix STREQUAL /usr)
  cmake_path(GET GANTRY_V8_LIBRARY PARENT_PATH v8_folder)
  target_link_options(V8::V8 INTERFACE
    "LINKER:--disable-new-dtags,-rpath,${v8_folder}" "LINKER:-rpath-link,${v8_folder}")
endif()

# What was found, for `gantry version`; Debian's re2 calls itself 0.0.0.
file(STRINGS "${GANTRY_V8_INCLUDE_DIR}/v8-version.h" v8_numbers REGEX "define V8_(MAJOR_VERSION|MINOR_VERSION|BUILD_NUMBER|PATCH_LEVEL) ")
string(REGEX REPLACE "[^;]* ([0-9]+)" "\\1" v8_numbers "${v8_numbers}")
list(JOIN v8_numbers "." V8_VERSION)
set(gantry_libraries
  "Boost ${Boost_VERSION_STRING}" "brotli ${brotli_libbrotlidec_VERSION}" "CLI11 ${CLI11_VERSION}" "cmark-gfm ${cmark-gfm_VERSION}"
  "fmt ${fmt_VERSION}" "libarchive ${LibArchive_VERSION}" "libcurl ${CURL_VERSION_STRING}" "nats ${nats_VERSION}" "nghttp2 ${nghttp2_VERSION}"
  "nlohmann-json ${nlohmann_json_VERSION}" "OpenSSL ${OPENSSL_VERSION}" "simdjson ${simdjson_VERSION}"
  "Snappy ${Snappy_VERSION}" "SQLiteCpp ${SQLiteCpp_VERSION}" "utf8proc ${utf8proc_VERSION}" "V8 ${V8_VERSION}" "libyaml ${yaml_VERSION}"
  "zlib ${ZLIB_VERSION_STRING}" "zstd ${zstd_VERSION}")

find_program(GANTRY_ESBUILD esbuild REQUIRED)  # bundles what load scripts import; scripts/setup installs it

if(BUILD_TESTING)
  find_package(GTest REQUIRED)             # GTest::gtest_main, GTest::gmock
  find_package(benchmark REQUIRED)         # benchmark::benchmark_main
  find_package(rapidcheck REQUIRED)        # rapidcheck
endif()
