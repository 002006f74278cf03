// What every fuzzer needs: a property that does not hold ends the process, so
// that libFuzzer keeps the input and the replay fails.
//
//   require(whole == chunked, "chunks change the result");
#pragma once

#include <cstdio>
#include <cstdlib>

namespace apm::test {

inline void require(bool holds, const char* property) {
  if (holds)
    return;
  std::fprintf(stderr, "property broken: %s\n", property);
  std::abort();
}

} // namespace apm::test
