# What every target of ours is compiled and linked with, as one interface target. Optimisation and sanitizers are a
# preset's business (CMakePresets.json); nothing here changes what the program does.

add_library(gantry_flags INTERFACE)
target_compile_features(gantry_flags INTERFACE cxx_std_23)
set(CMAKE_CXX_EXTENSIONS OFF)

target_compile_options(gantry_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
  # RE2 asks it of those who use it; asked of all, it lets all share precompiled headers.
  -pthread
  # Asserts stay on in every build: they guard against our own bugs, and a wrong GO costs more than a compare.
  -UNDEBUG)

# mold links gantry_base_test in 0.2 s, ld in 0.9 s; the program is the same.
find_program(GANTRY_MOLD mold)
if(GANTRY_MOLD)
  target_link_options(gantry_flags INTERFACE -fuse-ld=mold)
endif()

# ccache, set up so that worktrees and fresh clones share objects: paths under the source directory are hashed relative
# to it, and the working directory not at all. The inode cache keeps it from reading the tests' large precompiled header
# again for every test file.
find_program(GANTRY_CCACHE ccache)
if(GANTRY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1 CCACHE_INODECACHE=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime "${GANTRY_CCACHE}")
endif()
