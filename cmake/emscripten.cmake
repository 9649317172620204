# How the engine is compiled to WebAssembly. HEARTH_WASM names the module (docs/wasm.md):
#   simd128    one thread, SIMD of 128 bits: every browser
#   threads    relaxed SIMD and threads, a memory of at most 4 GiB
#   threads64  the same with addresses of 64 bits (Memory64)
set(HEARTH_WASM "simd128" CACHE STRING "Which WebAssembly module: simd128, threads or threads64")
set_property(CACHE HEARTH_WASM PROPERTY STRINGS simd128 threads threads64)

set(wasm_flags -msimd128)
if(HEARTH_WASM STREQUAL "threads" OR HEARTH_WASM STREQUAL "threads64")
  list(APPEND wasm_flags -mrelaxed-simd -pthread)
elseif(NOT HEARTH_WASM STREQUAL "simd128")
  message(FATAL_ERROR "HEARTH_WASM is '${HEARTH_WASM}'; there are simd128, threads and threads64")
endif()
if(HEARTH_WASM STREQUAL "threads64")
  list(APPEND wasm_flags -m64)
endif()
add_compile_options(${wasm_flags} $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti> -fno-exceptions -Wno-version-check)
add_link_options(${wasm_flags} -Wno-version-check)

# The two libraries are headers of the system that builds. Its other headers must not come into sight, so each is
# reached through a link in a folder of its own. fmt's functions are compiled once, in bindings/wasm/fmt.cpp.
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
