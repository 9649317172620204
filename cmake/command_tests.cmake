# Tests from end to end: programs of Python that run hearth. Each tests/x_test.py below the calling folder is the test
# FOLDER/x, with that folder's path in the project.
function(add_command_tests)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/tests/*_test.py)
  foreach(test ${tests})
    cmake_path(GET test STEM name)
    string(REGEX REPLACE "_test$" "" name ${name})
    add_test(NAME ${folder}/${name} COMMAND Python3::Interpreter ${test} $<TARGET_FILE:hearth>
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${folder}/${name} PROPERTIES LABELS commands)
  endforeach()
endfunction()
