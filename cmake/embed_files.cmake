# embed_files(SOURCE BEGINNING FILE...) writes a C++ source with files in it, so that the program needs none beside it:
# BEGINNING, which opens an array of structs, then of each file a struct of its name, the hash of its content and the
# content. It is written when the build is configured, which is done again where a file has changed.
function(embed_files source beginning)
  # Compilers must take strings of 65,536 characters; ours take longer ones.
  set(pragma "#pragma GCC diagnostic ignored \"-Woverlength-strings\"")
  set(structs "")
  foreach(file ${ARGN})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    cmake_path(GET file FILENAME name)
    file(SHA256 ${file} hash)
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
    string(APPEND structs "    {\"${name}\", \"${hash}\",\n     \"${bytes}\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${source} CONTENT "${pragma}\n${beginning}\n${structs}}};\n" @ONLY)
endfunction()
