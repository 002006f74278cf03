# Debian's compiler for APM_ARCH (x86_64 or arm64). The machine's own bears its
# architecture's name as well, so there is one way for both.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES APM_ARCH)
if(APM_ARCH STREQUAL "arm64")
  set(processor aarch64)
else()
  set(processor ${APM_ARCH})
endif()
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${processor})
set(CMAKE_C_COMPILER ${processor}-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER ${processor}-linux-gnu-g++)
