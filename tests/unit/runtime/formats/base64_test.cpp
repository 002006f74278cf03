// Base64: the vectors of RFC 4648, section 10, and what is refused.
#include "runtime/formats/base64.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace apm {
namespace {

TEST(base64, is_the_rfcs) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encode_base64(bytes), text);
    const auto decoded = decode_base64(text);
    ASSERT_TRUE(decoded) << text;
    EXPECT_EQ(decoded.value(), bytes);
  }
}

TEST(base64, takes_every_byte) {
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  const auto decoded = decode_base64(encode_base64(all));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded.value(), all);
}

TEST(base64, refuses_what_is_none) {
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zg=x", "Z===", "====", "Zm9-",
        "Zg==Zg==", " Zg==", "Zg==\n", "Zm9v Zg==", "\xFF\xFF\xFF\xFF"})
    EXPECT_FALSE(decode_base64(text)) << text;
}

} // namespace
} // namespace apm
