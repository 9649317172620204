# What ./test checks with clang's sanitizers and libFuzzer.
set(HEARTH_SANITIZE "" CACHE STRING "Sanitizers to build with, for example address,undefined or thread")
option(HEARTH_FUZZ "Build the libFuzzer targets (clang only)" OFF)

if(HEARTH_SANITIZE)
  add_compile_options(-fsanitize=${HEARTH_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HEARTH_SANITIZE})
endif()

# What tells a fuzzer which code an input reached: for the code that is fuzzed.
function(count_coverage_for_fuzzers)
  if(HEARTH_FUZZ)
    foreach(target ${ARGN})
      target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    endforeach()
  endif()
endfunction()

# For what calls the engine and does little itself: not optimised, it compiles in half of the time.
function(sanitize_without_optimisation target)
  if(HEARTH_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()

# For tests, which have what takes time done by what they test: compiling them takes more. With all checks, as linkers take
# their copies of headers' inline functions for the engine's, too.
function(compile_without_optimisation target)
  target_compile_options(${target} PRIVATE -O0)
endfunction()

# A program hearth_x_fuzz for each x_fuzz.cpp below the calling folder, but for a folder that has a library of its own.
function(add_fuzzers library)
  if(NOT HEARTH_FUZZ)
    return()
  endif()
  file(GLOB_RECURSE fuzzers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_fuzz.cpp)
  if(ARGN)
    list(FILTER fuzzers EXCLUDE REGEX "/${ARGN}/")
  endif()
  foreach(fuzzer ${fuzzers})
    get_filename_component(name ${fuzzer} NAME_WE)
    add_executable(hearth_${name} ${fuzzer})
    target_link_libraries(hearth_${name} PRIVATE ${library})
    target_compile_options(hearth_${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(hearth_${name} PRIVATE -fsanitize=fuzzer)
  endforeach()
endfunction()
