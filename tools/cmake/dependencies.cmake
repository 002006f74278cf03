# The libraries of others, as imported targets whose headers count as system
# headers, so that their warnings are theirs.
option(APM_STATIC "one static executable, see tools/package" OFF)
if(APM_STATIC)
  include(static_link)
endif()

find_package(Threads REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)

# Debian's libcaf-dev and libdeflate-dev ship no CMake package.
find_path(CAF_INCLUDE_DIR caf/all.hpp REQUIRED)
find_library(CAF_CORE_LIBRARY caf_core REQUIRED)
add_library(caf_core UNKNOWN IMPORTED)
set_target_properties(caf_core PROPERTIES
  IMPORTED_LOCATION ${CAF_CORE_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${CAF_INCLUDE_DIR}
  INTERFACE_LINK_LIBRARIES Threads::Threads)

find_path(DEFLATE_INCLUDE_DIR libdeflate.h REQUIRED)
find_library(DEFLATE_LIBRARY deflate REQUIRED)
add_library(deflate UNKNOWN IMPORTED)
set_target_properties(deflate PROPERTIES
  IMPORTED_LOCATION ${DEFLATE_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${DEFLATE_INCLUDE_DIR})

find_path(RAPIDJSON_INCLUDE_DIR rapidjson/reader.h REQUIRED)
add_library(rapidjson INTERFACE IMPORTED)
set_target_properties(rapidjson PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES ${RAPIDJSON_INCLUDE_DIR})

# The thread sanitizer cannot see a fence, and with one thread nothing needs one.
# To be added where Asio is used with its threads.
set(asio_definitions)
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=thread")
  set(asio_definitions BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()

find_path(BOOST_INCLUDE_DIR boost/asio.hpp REQUIRED)
add_library(boost_headers INTERFACE IMPORTED)
set_target_properties(boost_headers PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES ${BOOST_INCLUDE_DIR})

if(APM_STATIC)
  link_statically()
endif()
