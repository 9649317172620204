# The GPU's kernels for CUDA, and for the processor where tests play them: C++ that tools/gpu/cuda.ts makes of their WGSL,
# compiled by clang, which needs no CUDA toolkit for that. It needs Node.js 24 and what makes SPIR-V of kernels (tools/gpu),
# and two minutes of a processor.
option(HEARTH_CUDA "Build the device 'cuda'" OFF)
find_program(HEARTH_CUDA_CLANG NAMES clang++-14)
if(HEARTH_CUDA AND NOT HEARTH_CUDA_CLANG)
  message(FATAL_ERROR "HEARTH_CUDA needs clang++-14")
endif()
# The device that plays them is where the other one for tests is. Sanitizers don't know what fibres are.
set(HEARTH_CUDA_HOST OFF)
if(HEARTH_CUDA AND HEARTH_REFERENCE_DEVICE AND NOT HEARTH_SANITIZE)
  set(HEARTH_CUDA_HOST ON)
endif()

# cuda_kernels(SOURCES TOOLS KERNELS): adds to the sources what is made of a folder of kernels; TOOLS is tools/gpu.
function(cuda_kernels sources tools folder)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/cuda)
  file(MAKE_DIRECTORY ${out})
  file(GLOB kernels CONFIGURE_DEPENDS ${folder}/*.wgsl)
  file(GLOB_RECURSE parts CONFIGURE_DEPENDS ${folder}/parts/*.wgsl)
  file(GLOB language ${PROJECT_SOURCE_DIR}/engine/compute/cuda/language/*.h)
  set(images "")
  set(declarations "#include \"engine/compute/cuda/host/threads.h\"\n")
  set(tables "")
  set(made ${${sources}})
  foreach(kernel ${kernels})
    get_filename_component(name ${kernel} NAME_WE)
    set(host "")
    if(HEARTH_CUDA_HOST)
      set(host ${out}/${name}.cpp)
      string(APPEND declarations "extern const hearth::HostKernel host_kernels_${name}[];\n")
      string(APPEND tables "    host_kernels_${name},\n")
    endif()
    add_custom_command(
      OUTPUT ${out}/${name}.inc ${host}
      COMMAND ${tools}/node_modules/node24/bin/node ${tools}/cuda.ts ${name} ${HEARTH_CUDA_CLANG} ${out}/${name}.inc ${host}
      DEPENDS ${kernel} ${parts} ${language} ${tools}/cuda.ts ${tools}/cuda_text.ts ${tools}/kernel_files.ts
              ${PROJECT_SOURCE_DIR}/packages/gpu/src/kernel_text.ts
      VERBATIM)
    list(APPEND made ${out}/${name}.inc)
    string(APPEND images "#include \"cuda/${name}.inc\"\n")
    if(HEARTH_CUDA_HOST)
      # -O2 and not more: this is compiled for tests. What tests compare is told by bounds, not by bits.
      add_custom_command(
        OUTPUT ${out}/${name}.o
        COMMAND ${HEARTH_CUDA_CLANG} -std=c++20 -O2 -fPIC -ffp-contract=off -I ${PROJECT_SOURCE_DIR} -c ${host} -o ${out}/${name}.o
        DEPENDS ${host} ${PROJECT_SOURCE_DIR}/engine/compute/cuda/host/threads.h
        VERBATIM)
      list(APPEND made ${out}/${name}.o)
      set_source_files_properties(${out}/${name}.o PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
    endif()
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/cuda_kernels.inc CONTENT "${images}" @ONLY)
  if(HEARTH_CUDA_HOST)
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/cuda_host_kernels.inc
         CONTENT "${declarations}constexpr const hearth::HostKernel* kHostKernels[] = {\n${tables}};\n" @ONLY)
  endif()
  set(${sources} ${made} PARENT_SCOPE)
endfunction()
