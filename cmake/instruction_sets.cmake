# One source file per instruction set, compiled with that set's flags and reached only through the dispatcher
# (engine/compute/cpu): the rest of the engine runs on any machine of the family. -O3 in every build, for speed
# and because an inline function of a shared header left as a call would reach the linker in the wider set.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(avx2_flags -mavx2 -mfma -mf16c -mbmi2 -O3)
  set(avx512_vnni_flags ${avx2_flags} -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(neon_dot_flags -march=armv8.2-a+dotprod+fp16 -O3)
endif()

foreach(source ${engine_sources})
  if(source MATCHES "_avx512_vnni\\.cpp$")
    set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "${avx512_vnni_flags}")
  elseif(source MATCHES "_avx2\\.cpp$")
    set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "${avx2_flags}")
  elseif(source MATCHES "_neon_dot\\.cpp$")
    set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "${neon_dot_flags}")
  endif()
endforeach()
