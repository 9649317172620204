# The files of a folder are compiled together, as one: most of a file's compilation goes into the headers that it shares
# with its neighbours. So names in the unnamed namespaces of one folder must differ. Each file still includes what it
# uses (tools/check_includes.py), so that OFF compiles them one by one, for work on a single file.
option(HEARTH_UNITY "Compile the files of a folder together" ON)

# Sources with options of their own, such as an instruction set's kernels, stay alone.
function(compile_folders_together target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${HEARTH_UNITY} UNITY_BUILD_MODE GROUP)
  get_target_property(sources ${target} SOURCES)
  foreach(source ${sources})
    get_filename_component(folder ${source} DIRECTORY)
    file(RELATIVE_PATH folder ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/.. ${folder})
    # Its folders share most of what they include and instantiate: apart they take a third longer.
    string(REGEX REPLACE "^(engine/text/jinja)/.*" "\\1" folder ${folder})
    string(MAKE_C_IDENTIFIER ${folder} group)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
endfunction()
