# The files of a folder and of those below it are compiled together, as one: most of a file's compilation goes into the
# headers that it shares with its neighbours. So names in their unnamed namespaces must differ. Each file still includes
# what it uses (tools/check_includes.py), so that OFF compiles them one by one, for work on a single file.
option(HEARTH_UNITY "Compile the files of a folder together" ON)
option(HEARTH_UNITY_DEVICES "Also those of all devices, where nothing is linked that has its own in the place of one" OFF)

# Folders are those of two names: engine/text, apps/serve; of the latter api is apart, as a compiler would need more than 3 GB
# for all of it. In libraries each folder of engine/compute is apart, if HEARTH_UNITY_DEVICES is not set: where a program has
# something of its own in the place of a device (bindings/node), its linker must find the device's object needless as a
# whole. Sources with options of their own, such as an instruction set's kernels, stay alone.
function(compile_folders_together target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${HEARTH_UNITY} UNITY_BUILD_MODE GROUP)
  get_target_property(sources ${target} SOURCES)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE" OR HEARTH_UNITY_DEVICES)
    set(apart "^apps/serve/api")
  else()
    set(apart "^(apps/serve/api|engine/compute/)")
  endif()
  foreach(source ${sources})
    get_filename_component(source ${source} ABSOLUTE)
    get_filename_component(folder ${source} DIRECTORY)
    file(RELATIVE_PATH folder ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/.. ${folder})
    if(folder MATCHES "^apps/serve/api/")
      set(folder apps/serve/api)
    elseif(NOT folder MATCHES "${apart}")
      string(REGEX REPLACE "^([^/.]+/[^/]+)/.*" "\\1" folder ${folder})
    endif()
    string(MAKE_C_IDENTIFIER ${folder} group)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
endfunction()
