# The layer's way to build (APM_STATIC): one static executable, small, and with
# little to do before main. To be included before the libraries are looked for.
# tools/package makes what is in APM_DEPS_DIR; figures by tools/bench.
set(APM_DEPS_DIR "" CACHE PATH "static libraries and headers, made by tools/package")
if(NOT EXISTS ${APM_DEPS_DIR}/lib/libcurl.a)
  message(FATAL_ERROR "APM_DEPS_DIR, '${APM_DEPS_DIR}', has no libraries: run tools/package")
endif()
list(PREPEND CMAKE_PREFIX_PATH ${APM_DEPS_DIR})
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
set(OPENSSL_ROOT_DIR ${APM_DEPS_DIR})

# A cross compiler looks for a linker in its own folders alone.
find_program(LLD ld.lld REQUIRED)
file(REAL_PATH ${LLD} lld_file)
cmake_path(GET lld_file PARENT_PATH lld_dir)

add_compile_options(-ffunction-sections -fdata-sections
  # The same file from whatever folder.
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -ffile-prefix-map=${APM_DEPS_DIR}=deps)
add_link_options(-L${APM_DEPS_DIR}/lib # before the compiler's own libc.a
  -static-pie -fuse-ld=lld -B${lld_dir} -s
  LINKER:--gc-sections LINKER:--icf=all
  LINKER:-O2 # merges the ends of strings: 16 KB of the zip
  # 28 000 relocations in a tenth of their room.
  LINKER:--pack-dyn-relocs=relr)

# link_statically(): after the libraries were found, says what they need.
function(link_statically)
  target_compile_definitions(caf_core INTERFACE CAF_STATIC_BUILD)
  find_package(OpenSSL REQUIRED)
  find_library(CARES_LIBRARY cares REQUIRED)
  set_property(TARGET CURL::libcurl APPEND PROPERTY INTERFACE_LINK_LIBRARIES
    OpenSSL::SSL OpenSSL::Crypto ${CARES_LIBRARY})
  set_property(TARGET CURL::libcurl APPEND PROPERTY INTERFACE_COMPILE_DEFINITIONS
    CURL_STATICLIB)
  # The machine's own are of another make, or for another architecture.
  foreach(library IN ITEMS ${CAF_CORE_LIBRARY} ${DEFLATE_LIBRARY} ${CARES_LIBRARY}
      ${CURL_LIBRARIES} ${ZLIB_LIBRARIES} ${OPENSSL_LIBRARIES})
    cmake_path(IS_PREFIX APM_DEPS_DIR ${library} NORMALIZE is_ours)
    if(IS_ABSOLUTE ${library} AND NOT is_ours)
      message(FATAL_ERROR "${library} is not from ${APM_DEPS_DIR}")
    endif()
  endforeach()
endfunction()
