# For a library that goes to machines which have not what this one has: it holds the engine, asks for nothing but libc
# and libstdc++, and shows nothing but what `exports`, a linker's version script, names.
function(link_on_its_own target exports)
  target_link_libraries(${target} PRIVATE hearth_fmt hearth_engine)
  if(NOT APPLE)
    # -s: symbols would be half of the file.
    target_link_options(${target} PRIVATE -static-libgcc -Wl,--as-needed -Wl,--gc-sections -Wl,--version-script=${exports}
                                          $<$<CONFIG:Release>:-s>)
    set_target_properties(${target} PROPERTIES LINK_DEPENDS ${exports})
  endif()
endfunction()
