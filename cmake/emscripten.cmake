# How the engine is compiled to WebAssembly. One build makes the modules of one kind of memory (docs/wasm.md):
#   simd128    one thread, SIMD of 128 bits: every browser
#   threads    relaxed SIMD and threads, a memory of at most 4 GiB
#   threads64  the same with addresses of 64 bits (Memory64)
set(HEARTH_WASM 32 CACHE STRING "Bits of an address: 32 makes the modules simd128 and threads, 64 makes threads64")
set_property(CACHE HEARTH_WASM PROPERTY STRINGS 32 64)

# No module has a device of its own in the place of another.
set(HEARTH_UNITY_DEVICES ON)

set(wasm_flags -msimd128 -Wno-version-check)
if(HEARTH_WASM EQUAL 32)
  set(wasm_modules simd128 threads)
elseif(HEARTH_WASM EQUAL 64)
  set(wasm_modules threads64)
  list(APPEND wasm_flags -m64)
else()
  message(FATAL_ERROR "HEARTH_WASM is '${HEARTH_WASM}'; there are 32 and 64")
endif()
# Kernels and loaders are each module's own; the rest is compiled once for all of a build, so with atomic instructions:
# every browser that has SIMD has had these for longer, also where memory is not shared. Only the linker is told which
# module has threads.
add_compile_options(${wasm_flags} -pthread $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti> -fno-exceptions)
add_link_options(${wasm_flags})

# add_kernels(MODULE SOURCE...): the library hearth_kernels_MODULE. Relaxed SIMD is allowed in all of it, because a
# browser that lacks it cannot load a module in part.
function(add_kernels module)
  set(sources ${ARGN})
  if(module STREQUAL "simd128")
    list(FILTER sources EXCLUDE REGEX "_wasm_relaxed")
  else()
    list(FILTER sources EXCLUDE REGEX "_wasm_simd128")
    set(flags -mrelaxed-simd)
  endif()
  add_library(hearth_kernels_${module} OBJECT ${sources})
  target_compile_options(hearth_kernels_${module} PRIVATE $<$<CONFIG:Release>:-O2> ${flags})
  compile_folders_together(hearth_kernels_${module})
endfunction()

# The two libraries are headers of the system that builds. Its other headers must not come into sight, so each is
# reached through a link in a folder of its own.
foreach(library fmt nlohmann)
  find_path(${library}_folder ${library} PATHS /usr/include /usr/local/include /opt/homebrew/include
            NO_CMAKE_FIND_ROOT_PATH NO_DEFAULT_PATH)
  if(NOT ${library}_folder)
    message(FATAL_ERROR "the headers of ${library} are not installed; set ${library}_folder to where they are")
  endif()
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/libraries)
  file(CREATE_LINK ${${library}_folder}/${library} ${CMAKE_BINARY_DIR}/libraries/${library} SYMBOLIC)
endforeach()
foreach(target fmt::fmt nlohmann_json::nlohmann_json)
  add_library(${target} INTERFACE IMPORTED)
  set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${CMAKE_BINARY_DIR}/libraries)
endforeach()
set_property(TARGET nlohmann_json::nlohmann_json PROPERTY INTERFACE_COMPILE_DEFINITIONS JSON_NOEXCEPTION)

# What CMake tries, it need not link: Emscripten would compile all of its libraries once more for that.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
