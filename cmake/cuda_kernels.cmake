# The GPU's kernels for CUDA, and for the processor where tests play them: C++ that tools/gpu/cuda.ts makes of their WGSL,
# compiled by clang, which needs no CUDA toolkit for that. It needs Node.js 24 and what makes SPIR-V of kernels (tools/gpu),
# and half a minute of a processor, shared by its cores.
find_program(HEARTH_CUDA_CLANG NAMES clang++-14)
if(NOT DEFINED HEARTH_CUDA)
  set(HEARTH_CUDA OFF)
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND HEARTH_CUDA_CLANG AND EXISTS ${gpu_tools}/node_modules/naga-wasm)
    set(HEARTH_CUDA ON)
  endif()
endif()
if(HEARTH_CUDA AND NOT HEARTH_CUDA_CLANG)
  message(FATAL_ERROR "HEARTH_CUDA needs clang++-14")
endif()
# The device that plays them is where the other one for tests is. Sanitizers don't know what fibres are.
set(HEARTH_CUDA_HOST OFF)
if(HEARTH_CUDA AND HEARTH_REFERENCE_DEVICE AND NOT HEARTH_SANITIZE)
  set(HEARTH_CUDA_HOST ON)
endif()

set(ptx_options -x cuda --cuda-device-only --cuda-gpu-arch=sm_80 -nocudainc -nocudalib -Wno-unknown-cuda-version
    # sm_80 is the first with all of the matrix units that kernels use; PTX 7.0 is what knows it, from CUDA 11.0 on.
    -Xclang -target-feature -Xclang +ptx70 -std=c++20 -O3 -ffp-contract=off -S -I ${PROJECT_SOURCE_DIR}
    # Calls would go by way of memory: there are none.
    -mllvm -inline-threshold=1000)
# -O0: this is compiled for tests, whose kernels run less long than they take to compile otherwise.
set(host_options -std=c++20 -O0 -fPIC -ffp-contract=off -I ${PROJECT_SOURCE_DIR})

# cuda_kernels(SOURCES HOST_SOURCES TOOLS FOLDER): adds to the sources what is made of the kernels, and gives what plays them;
# TOOLS is tools/gpu, FOLDER engine/compute.
function(cuda_kernels sources host_sources tools folder)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/cuda)
  file(MAKE_DIRECTORY ${out})
  set(node ${tools}/node_modules/node24/bin/node)
  # A unit for each core: beside their kernels they are cheap.
  cmake_host_system_information(RESULT units QUERY NUMBER_OF_LOGICAL_CORES)
  math(EXPR last "${units} - 1")
  file(GLOB_RECURSE kernels CONFIGURE_DEPENDS ${folder}/gpu/kernels/*.wgsl ${folder}/cuda/kernels/*.wgsl)
  file(GLOB language ${folder}/cuda/language/*.h)
  set(texts ${out}/kernels.json)
  set(ptx "")
  set(objects "")
  set(declarations "#include \"engine/compute/cuda/host/threads.h\"\n")
  set(tables "")
  foreach(unit RANGE ${last})
    list(APPEND texts ${out}/${unit}.cu ${out}/${unit}.cpp)
    list(APPEND ptx ${out}/${unit}.ptx)
    add_custom_command(
      OUTPUT ${out}/${unit}.ptx
      COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} ${HEARTH_CUDA_CLANG} ${ptx_options} ${out}/${unit}.cu -o ${out}/${unit}.ptx
      DEPENDS ${out}/${unit}.cu ${language}
      VERBATIM)
    if(HEARTH_CUDA_HOST)
      list(APPEND objects ${out}/${unit}.o)
      string(APPEND declarations "extern const hearth::HostKernel host_kernels_${unit}[];\n")
      string(APPEND tables "    host_kernels_${unit},\n")
      add_custom_command(
        OUTPUT ${out}/${unit}.o
        COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} ${HEARTH_CUDA_CLANG} ${host_options} -c ${out}/${unit}.cpp -o ${out}/${unit}.o
        DEPENDS ${out}/${unit}.cpp ${language} ${folder}/cuda/host/threads.h
        VERBATIM)
    endif()
  endforeach()
  add_custom_command(
    OUTPUT ${texts}
    COMMAND ${node} ${tools}/cuda.ts ${out} ${units}
    DEPENDS ${kernels} ${tools}/cuda.ts ${tools}/cuda_text.ts ${tools}/kernel_files.ts
            ${PROJECT_SOURCE_DIR}/packages/gpu/src/kernel_text.ts
    VERBATIM)
  add_custom_command(
    OUTPUT ${out}/kernels.o
    COMMAND ${node} ${tools}/ptx.ts ${out} ${units}
    COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} ${HEARTH_CUDA_CLANG} ${host_options} -c ${out}/kernels.cpp -o ${out}/kernels.o
    DEPENDS ${out}/kernels.json ${ptx} ${tools}/ptx.ts ${tools}/pack.ts ${folder}/cuda/kernels.h
    VERBATIM)
  # A target of its own, so that they are made beside what is compiled, not behind it.
  add_custom_target(cuda_kernels DEPENDS ${out}/kernels.o ${objects})
  set_source_files_properties(${out}/kernels.o ${objects} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  set(${sources} ${${sources}} ${out}/kernels.o PARENT_SCOPE)
  if(HEARTH_CUDA_HOST)
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/cuda_host_kernels.inc
         CONTENT "${declarations}constexpr const hearth::HostKernel* kHostKernels[] = {\n${tables}};\n" @ONLY)
    file(GLOB player CONFIGURE_DEPENDS ${folder}/cuda/host/*.cpp)
    set(${host_sources} ${player} ${objects} PARENT_SCOPE)
  endif()
endfunction()
