// Tests of compression.hpp: the captured bodies there and back, whole, cut at
// every length and damaged; limits and bombs. Input is packed by zlib, as
// agents do it, so that the two libraries judge each other.
#include "runtime/formats/compression.hpp"
#include "runtime/formats/intake_scan.hpp"
#include "tests/unit/runtime/formats/support.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

namespace apm {
namespace {

/// What the limit is where a test is not about it.
constexpr size_t plenty = 64'000'000;

/// The same for small bodies that are cut: the last four bytes of such a gzip
/// body claim any length, and clearing that much room thousands of times takes
/// a second.
constexpr size_t cut_bytes_max = 64'000;

// Window arguments of zlib's deflateInit2, from its manual.
constexpr int as_gzip = 15 + 16;
constexpr int as_zlib = 15;
constexpr int as_raw = -15;

/// Packs by zlib, as agents do, and not by what is tested here.
std::string packed(std::string_view text, int window, int level = 1) {
  z_stream stream{};
  EXPECT_EQ(
      deflateInit2(&stream, level, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY),
      Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

content_encoding encoding_of(int window) {
  return window == as_gzip ? content_encoding::gzip : content_encoding::deflate;
}

TEST(compression, content_encodings) {
  constexpr std::pair<const char*, content_encoding> known[] = {
      {"", content_encoding::identity},
      {"  ", content_encoding::identity},
      {"identity", content_encoding::identity},
      {"gzip", content_encoding::gzip},
      {" GZip\t", content_encoding::gzip},
      {"x-gzip", content_encoding::gzip},
      {"deflate", content_encoding::deflate},
  };
  for (auto& [value, encoding] : known) {
    auto read = parse_content_encoding(value);
    ASSERT_TRUE(read) << value;
    EXPECT_EQ(read.value(), encoding) << value;
  }
  for (const std::string value :
       {"br", "zstd", "gzip, gzip", "gzipped", "g zip", "*", "canary"}) {
    auto read = parse_content_encoding(value);
    ASSERT_FALSE(read) << value;
    EXPECT_EQ(read.error().code, errc::unsupported_encoding);
    const bool is_coding = value == "br" || value == "zstd";
    EXPECT_EQ(read.error().detail, "the Content-Encoding "
                                       + (is_coding ? value + ' ' : "")
                                       + "is none of gzip, deflate, identity")
        << "what is no coding's name may be anybody's data";
  }
}

TEST(compression, captured_bodies_come_back) {
  for (auto& body : test::captured_bodies()) {
    for (int window : {as_gzip, as_zlib, as_raw})
      for (int level : {1, 5, 9}) // Node's, Python's, the highest
        EXPECT_EQ(
            decompress(encoding_of(window), packed(body, window, level), plenty)
                .value(),
            body);
    EXPECT_EQ(decompress(content_encoding::identity, body, plenty).value(),
              body);
  }
}

TEST(compression, an_empty_body_is_empty_whatever_it_is_called) {
  for (auto encoding : {content_encoding::identity, content_encoding::gzip,
                        content_encoding::deflate}) {
    EXPECT_EQ(decompress(encoding, "", 0).value(), "");
    EXPECT_EQ(decompress_prefix(encoding, "", plenty), "");
  }
  // And so is a body in which nothing is packed.
  EXPECT_EQ(decompress(content_encoding::gzip, packed("", as_gzip), 0).value(),
            "");
}

TEST(compression, gzip_may_have_several_members) {
  std::string body = packed("one\n", as_gzip) + packed("", as_gzip)
                     + packed(std::string(100'000, 'x'), as_gzip)
                     + packed("two\n", as_gzip);
  std::string text = "one\n" + std::string(100'000, 'x') + "two\n";
  EXPECT_EQ(decompress(content_encoding::gzip, body, text.size()).value(),
            text);
  EXPECT_EQ(
      decompress(content_encoding::gzip, body, text.size() - 1).error().code,
      errc::too_large);
  EXPECT_EQ(decompress_prefix(content_encoding::gzip, body, plenty), text);
}

TEST(compression, what_follows_the_data_is_refused) {
  for (int window : {as_gzip, as_zlib, as_raw}) {
    auto read =
        decompress(encoding_of(window), packed("x\n", window) + "junk", plenty);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, errc::bad_compression);
  }
}

TEST(compression, the_limit_is_exact) {
  // Sizes around the guess for the first buffer (8 times the body), and one
  // that is doubled often.
  for (size_t size : {1u, 63u, 64u, 65u, 1'000u, 100'000u, 3'000'000u}) {
    std::string text(size, 'a');
    for (int window : {as_gzip, as_zlib, as_raw}) {
      std::string body = packed(text, window);
      EXPECT_EQ(decompress(encoding_of(window), body, size).value(), text);
      EXPECT_EQ(decompress(encoding_of(window), body, size - 1).error().code,
                errc::too_large);
      EXPECT_EQ(decompress_prefix(encoding_of(window), body, size - 1),
                text.substr(1));
    }
    EXPECT_TRUE(decompress(content_encoding::identity, text, size));
    EXPECT_EQ(
        decompress(content_encoding::identity, text, size - 1).error().code,
        errc::too_large);
  }
}

TEST(compression, bombs_are_refused) {
  // 20 MB of zeros in 20 KB: the highest ratio that deflate has.
  std::string bomb = packed(std::string(20'000'000, '\0'), as_gzip, 9);
  EXPECT_LT(bomb.size(), 20'500u);
  auto read = decompress(content_encoding::gzip, bomb, 1'000'000);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, errc::too_large);
  EXPECT_EQ(decompress_prefix(content_encoding::gzip, bomb, 1'000'000).size(),
            1'000'000u);
  // Many members, each small.
  std::string many;
  for (int i = 0; i < 2'000; ++i)
    many += packed(std::string(1'000, 'x'), as_gzip);
  EXPECT_EQ(decompress(content_encoding::gzip, many, 1'000'000).error().code,
            errc::too_large);
}

TEST(compression, what_is_packed_beyond_belief_is_refused) {
  // 4 MB of zeros, within the limit: the highest ratio that deflate has.
  const std::string zeros(4'000'000, '\0');
  for (int window : {as_gzip, as_zlib, as_raw}) {
    const auto bomb = packed(zeros, window, 9);
    const auto read = decompress(encoding_of(window), bomb, plenty);
    ASSERT_FALSE(read) << window;
    EXPECT_EQ(read.error().code, errc::too_large);
    EXPECT_NE(read.error().detail.find("500 times"), std::string::npos)
        << read.error().detail;
    EXPECT_EQ(decompress_prefix(encoding_of(window), bomb, plenty).size(),
              500 * bomb.size());
  }
  // 64 KiB may come out of anything.
  const std::string small(64 * 1024, '\0');
  EXPECT_EQ(
      decompress(content_encoding::gzip, packed(small, as_gzip, 9), plenty)
          .value(),
      small);
  // A log that says the same 6 KB over and over, 500 times: 145 to 1.
  std::string dump;
  for (int i = 0; i < 400; ++i)
    dump += "line " + std::to_string(i) + " of it, ";
  std::string logs;
  for (int i = 0; i < 500; ++i)
    logs += R"({"log":{"@timestamp":)" + std::to_string(1795345200000 + i)
            + R"(,"message":")" + dump + "\"}}\n";
  EXPECT_EQ(decompress(content_encoding::gzip, packed(logs, as_gzip, 9), plenty)
                .value(),
            logs);
}

TEST(compression, a_wrong_length_in_the_trailer_is_damage) {
  std::string body = packed("abc", as_gzip);
  body[body.size() - 4] = 4; // of 3 bytes
  EXPECT_EQ(decompress(content_encoding::gzip, body, plenty).error().code,
            errc::bad_compression);
  for (size_t i = 1; i <= 4; ++i)
    body[body.size() - i] = '\xFF'; // it claims 4 GB
  EXPECT_EQ(decompress(content_encoding::gzip, body, plenty).error().code,
            errc::bad_compression);
}

TEST(compression, a_body_cut_anywhere_is_refused_but_its_front_is_saved) {
  for (auto& text : test::captured_bodies()) {
    if (text.size() > 5'000) // see the next test for the large one
      continue;
    for (int window : {as_gzip, as_zlib, as_raw}) {
      std::string body = packed(text, window);
      size_t had = 0;
      for (size_t length = 1; length < body.size(); ++length) {
        auto cut = std::string_view{body}.substr(0, length);
        auto whole = decompress(encoding_of(window), cut, cut_bytes_max);
        ASSERT_FALSE(whole) << length;
        ASSERT_EQ(whole.error().code, errc::bad_compression);
        auto prefix = decompress_prefix(encoding_of(window), cut, plenty);
        ASSERT_EQ(prefix, text.substr(0, prefix.size()));
        ASSERT_GE(prefix.size(), had) << "less from more, at " << length;
        had = prefix.size();
      }
      EXPECT_EQ(decompress_prefix(encoding_of(window), body, plenty), text);
    }
  }
}

TEST(compression, most_of_a_large_cut_body_is_saved) {
  // 202 lines; requests.json beside it has 5.5 KB for the agent's own gzip.
  std::string text =
      test::read_data("agent-captures/spans-200/02-intake.ndjson");
  std::string body = packed(text, as_gzip);
  for (size_t length = 1; length < body.size(); length += 37) { // a prime
    auto cut = std::string_view{body}.substr(0, length);
    auto prefix = decompress_prefix(content_encoding::gzip, cut, plenty);
    ASSERT_EQ(prefix, text.substr(0, prefix.size()));
    ASSERT_EQ(prefix_bytes(content_encoding::gzip, cut, plenty, '\n'),
              whole_lines(prefix).size());
  }
  auto half = std::string_view{body}.substr(0, body.size() / 2);
  EXPECT_GT(decompress_prefix(content_encoding::gzip, half, plenty).size(),
            text.size() / 4);
  for (size_t limit : {0u, 1u, 1'000u, 16'384u, 16'385u}) // a piece is 16,384
    EXPECT_EQ(decompress_prefix(content_encoding::gzip, body, limit),
              text.substr(0, limit));
  EXPECT_EQ(decompress_prefix(content_encoding::identity, text, 7),
            text.substr(0, 7));
}

TEST(compression, tells_where_the_last_line_of_a_cut_body_ends) {
  const std::string text = "{}\n" + std::string(40'000, 'x') + "\n{}";
  const auto size = text.size() - 2;
  for (int window : {as_gzip, as_zlib, as_raw}) {
    const auto body = packed(text, window);
    EXPECT_EQ(prefix_bytes(encoding_of(window), body, plenty, '\n'), size);
    EXPECT_EQ(prefix_bytes(encoding_of(window), body, size - 1, '\n'), 3U);
    EXPECT_EQ(prefix_bytes(encoding_of(window), body, 2, '\n'), 0U);
    EXPECT_EQ(prefix_bytes(encoding_of(window), body, plenty, '!'), 0U);
  }
  EXPECT_EQ(prefix_bytes(content_encoding::identity, text, plenty, '\n'), size);
  EXPECT_EQ(prefix_bytes(content_encoding::identity, text, 100, '\n'), 3U);
  EXPECT_EQ(prefix_bytes(content_encoding::gzip, "", plenty, '\n'), 0U);
}

TEST(compression, damage_is_found_or_harmless) {
  std::mt19937 random{test::seed};
  std::string text = test::captured_bodies().front();
  for (int window : {as_gzip, as_zlib}) { // bare deflate has no checksum
    std::string sound = packed(text, window);
    for (int i = 0; i < 3'000; ++i) { // about 30 ms
      std::string body = sound;
      body[random() % body.size()] ^= static_cast<char>(1 << random() % 8);
      auto read = decompress(encoding_of(window), body, plenty);
      // Harmless are the bits of the time in gzip's header, say.
      ASSERT_TRUE(!read || read.value() == text);
      (void)decompress_prefix(encoding_of(window), body, plenty);
    }
  }
}

TEST(compression, any_bytes_are_survived) {
  std::mt19937 random{test::seed};
  for (int i = 0; i < 3'000; ++i) { // about 30 ms
    std::string body = test::random_text(random, 100);
    if (i % 3 == 0)
      body = packed("", as_gzip).substr(0, 10) + body; // a sound header
    for (auto encoding : {content_encoding::gzip, content_encoding::deflate}) {
      auto read = decompress(encoding, body, 10'000);
      ASSERT_TRUE(!read || read.value().size() <= 10'000);
      ASSERT_LE(decompress_prefix(encoding, body, 10'000).size(), 10'000u);
    }
  }
}

TEST(compression, the_compressor_gathers_its_parts) {
  gzip_compressor compressor;
  for (auto& text : test::captured_bodies()) {
    std::string_view view = text;
    std::vector<std::vector<std::string_view>> divisions{
        {view},
        {view.substr(0, 10), view.substr(10)},
        {"", view.substr(0, 100), "", view.substr(100, 1), view.substr(101),
         ""},
    };
    for (auto& parts : divisions) {
      auto body = compressor.compress(parts);
      ASSERT_TRUE(body);
      EXPECT_LT(body.value().size(), text.size());
      EXPECT_EQ(decompress_prefix(content_encoding::gzip, body.value(), plenty),
                text); // by zlib, not by libdeflate itself
      EXPECT_EQ(
          decompress(content_encoding::gzip, body.value(), plenty).value(),
          text);
    }
  }
}

TEST(compression, the_compressor_takes_nothing_and_noise) {
  gzip_compressor compressor;
  std::string noise;
  std::mt19937 random{test::seed};
  for (int i = 0; i < 100'000; ++i)
    noise += static_cast<char>(random());
  for (auto& parts : std::vector<std::vector<std::string_view>>{
           {}, {""}, {"", ""}, {noise}, {"a"}}) {
    std::string text;
    for (auto part : parts)
      text += part;
    auto body = compressor.compress(parts);
    ASSERT_TRUE(body);
    EXPECT_EQ(decompress(content_encoding::gzip, body.value(), plenty).value(),
              text);
  }
}

TEST(compression, a_compressor_of_no_level_says_so) {
  gzip_compressor compressor{99}; // libdeflate's highest is 12
  auto body = compressor.compress({"a"});
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, errc::io);
}

} // namespace
} // namespace apm
