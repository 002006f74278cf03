# Texts as C++: a source that defines each as a std::string_view.
#
#   embed_texts(OUTPUT file.cpp HEADER its.hpp NAMESPACE a::b
#     NAME html FILES page.html NAME script FILES one.js two.js)
#
# Several files of one name are put one after the other. The source is made at
# build time, whenever one of the files has changed.
function(embed_texts)
  cmake_parse_arguments(arg "" "OUTPUT;HEADER;NAMESPACE" "" ${ARGN})
  set(files ${arg_UNPARSED_ARGUMENTS})
  list(REMOVE_ITEM files NAME FILES)
  list(FILTER files INCLUDE REGEX "\\.")
  list(TRANSFORM files PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  string(JOIN "|" parts ${arg_UNPARSED_ARGUMENTS})
  add_custom_command(OUTPUT ${arg_OUTPUT}
    COMMAND ${CMAKE_COMMAND} -D OUTPUT=${arg_OUTPUT} -D HEADER=${arg_HEADER}
      -D NAMESPACE=${arg_NAMESPACE} -D "PARTS=${parts}"
      -D FOLDER=${CMAKE_CURRENT_SOURCE_DIR}
      -P ${CMAKE_SOURCE_DIR}/tools/cmake/embed_text.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/tools/cmake/embed_text.cmake
    VERBATIM)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
  # A raw string's end that none of the files has.
  set(mark embedded)
  set(source "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n")
  string(REPLACE "|" ";" parts "${PARTS}")
  set(is_open NO)
  foreach(part IN LISTS parts)
    if(part STREQUAL NAME)
      if(is_open)
        string(APPEND source ";\n")
      endif()
      set(is_open YES)
      set(expected name)
    elseif(part STREQUAL FILES)
      set(expected file)
    elseif(expected STREQUAL name)
      string(APPEND source "\nconst std::string_view ${part} =")
    else()
      file(READ "${FOLDER}/${part}" text)
      string(FIND "${text}" ")${mark}\"" at)
      if(NOT at EQUAL -1)
        message(FATAL_ERROR "${part} has )${mark}\" in it")
      endif()
      string(APPEND source "\n    R\"${mark}(${text})${mark}\"")
    endif()
  endforeach()
  string(APPEND source ";\n\n} // namespace ${NAMESPACE}\n")
  file(WRITE "${OUTPUT}" "${source}")
endif()
