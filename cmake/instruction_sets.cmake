# One source file per instruction set, compiled with that set's flags and reached only through the dispatcher
# (engine/compute/cpu): the rest of the engine runs on any machine of the family. -O3 in every build, for speed
# and because an inline function of a shared header left as a call would reach the linker in the wider set.
# Files of sets that the target does not have are not compiled.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(avx2_flags -mavx2 -mfma -mf16c -mbmi2 -O3)
  set(avx512_vnni_flags ${avx2_flags} -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(neon_dot_flags -march=armv8.2-a+dotprod+fp16 -O3)
  set(neon_i8mm_flags -march=armv8.2-a+dotprod+fp16+i8mm -O3)
  # Before registers are given out, GCC would move loads up until these are too few: a sixth more instructions.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    list(APPEND neon_dot_flags -fno-schedule-insns)
    list(APPEND neon_i8mm_flags -fno-schedule-insns)
  endif()
elseif(EMSCRIPTEN)
  set(wasm_simd128_flags -O3)
  set(wasm_relaxed_pairs_flags -O3)
  set(wasm_relaxed_unsigned_flags -O3)
  set(wasm_relaxed_signed_flags -O3)
  set(wasm_relaxed_flags -O3)
endif()

# Undefined-behaviour checks make clang take minutes over each of these files, which have no sizes of their own to get
# wrong; the address checks stay. Without -O3 the sanitizer builds need a machine that has all the sets.
if(HEARTH_SANITIZE)
  set(sanitizer_flags -O1)
  if(HEARTH_SANITIZE MATCHES "undefined")
    list(APPEND sanitizer_flags -fno-sanitize=undefined)
  endif()
  if(HEARTH_FUZZ)
    list(APPEND sanitizer_flags -fno-sanitize=fuzzer-no-link)
  endif()
endif()

foreach(source ${engine_sources} ${kernel_sources})
  foreach(instruction_set avx2 avx512_vnni neon_dot neon_i8mm wasm_simd128 wasm_relaxed wasm_relaxed_unsigned
    wasm_relaxed_signed wasm_relaxed_pairs)
    if(source MATCHES "_${instruction_set}\\.cpp$")
      if(DEFINED ${instruction_set}_flags)
        set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "${${instruction_set}_flags};${sanitizer_flags}")
      else()
        set_source_files_properties(${source} PROPERTIES HEADER_FILE_ONLY ON)
      endif()
    endif()
  endforeach()
endforeach()
