// Tests of outside_world.hpp: OpenSSL, files and ports as they are. The two
// certificates were made with `openssl` for these tests; their keys are gone.
#include "runtime/app/outside_world.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace apm {
namespace {

/// Until 2126.
const std::string lasting = R"(-----BEGIN CERTIFICATE-----
MIIBhTCCASugAwIBAgIUPE3Q9qJijTt1baJWaF9JVsXw+wswCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMbGFzdGluZyByb290MCAXDTI2MTEyNTAyMjY0NFoYDzIxMjYx
MTAxMDIyNjQ0WjAXMRUwEwYDVQQDDAxsYXN0aW5nIHJvb3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAATj9a3WlwtSCO/DSF/ccolf2GivFiSYz+KHkwQQWeFqLz7B
OrC1yz42rcGJp2iAERBuauhVxOmdajQWEZyndfVqo1MwUTAdBgNVHQ4EFgQU9DOJ
mA7G6O1NAKFPaneG05Cx2YAwHwYDVR0jBBgwFoAU9DOJmA7G6O1NAKFPaneG05Cx
2YAwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAS6Cxs+NudMHD2
0S1HCl0VU380W0WS3/S+Ro5SOUBZwAIhALvsgW/z7dO9SPpTGNbb+/XF/ZgwHZx2
g4baRjs/6iRD
-----END CERTIFICATE-----
)";

/// The year 2020.
const std::string old = R"(-----BEGIN CERTIFICATE-----
MIIBDTCBtAIBATAKBggqhkjOPQQDAjATMREwDwYDVQQDDAhvbGQgcm9vdDAeFw0y
MDAxMDEwMDAwMDBaFw0yMTAxMDEwMDAwMDBaMBMxETAPBgNVBAMMCG9sZCByb290
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE4/Wt1pcLUgjvw0hf3HKJX9horxYk
mM/ih5MEEFnhai8+wTqwtcs+Nq3BiadogBEQbmroVcTpnWo0FhGcp3X1ajAKBggq
hkjOPQQDAgNIADBFAiBnOkXk0KH6WCa2xUD7Bd7MdNLgqVcwKClohXIy0fc7QgIh
AKRIZRCuZxKK+dvlJYRm3n6+Gkq6Wt4qXyIyKfzsmRgT
-----END CERTIFICATE-----
)";

/// A folder that goes with the test.
class folder {
public:
  folder() {
    std::string pattern = testing::TempDir() + "outside-XXXXXX";
    if (mkdtemp(pattern.data()) != nullptr)
      path_ = pattern;
  }
  ~folder() {
    ::unlink((path_ + "/file").c_str());
    ::rmdir(path_.c_str());
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  const std::string& path() const { return path_; }
  std::string file() const { return path_ + "/file"; }

private:
  std::string path_;
};

TEST(outside_world, reads_certificates) {
  const auto found = read_certificates("for people\n" + lasting + "\n" + old);
  ASSERT_TRUE(found) << found.error().detail;
  ASSERT_EQ(found.value().size(), 2U);
  EXPECT_EQ(found.value()[0].subject, "CN = lasting root");
  EXPECT_EQ(found.value()[1].subject, "CN = old root");
  EXPECT_EQ(found.value()[1].expires, 1'609'459'200'000); // 2021-01-01
  EXPECT_GT(found.value()[0].expires, 4'000'000'000'000); // after 2096
}

TEST(outside_world, refuses_what_is_no_sound_pem) {
  auto damaged = lasting;
  damaged.replace(damaged.find("MIIB"), 4, "AAAA");
  const auto cut = lasting.substr(0, lasting.size() / 2);
  for (const auto& text : {std::string{}, std::string{"MIIB"}, damaged, cut,
                           old + damaged, damaged + old, old + cut}) {
    const auto found = read_certificates(text);
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().code, errc::bad_value);
  }
  EXPECT_NE(read_certificates(old + damaged).error().detail.find("2 of 2"),
            std::string::npos);
}

TEST(outside_world, reads_files) {
  const folder temporary;
  const auto world = make_outside_world();
  std::ofstream{temporary.file()} << lasting;
  EXPECT_TRUE(world.can_read(temporary.file()));
  const auto text = world.read_file(temporary.file());
  ASSERT_TRUE(text) << text.error().detail;
  EXPECT_EQ(text.value(), lasting);
}

TEST(outside_world, refuses_what_is_no_file_of_certificates) {
  const folder temporary;
  const auto world = make_outside_world();
  for (const auto& path : {temporary.path(), temporary.file()}) {
    EXPECT_FALSE(world.can_read(path));
    const auto text = world.read_file(path);
    ASSERT_FALSE(text);
    EXPECT_NE(text.error().detail.find(path), std::string::npos);
  }
  std::ofstream{temporary.file()} << std::string(1024 * 1024 + 1, 'x');
  EXPECT_EQ(world.read_file(temporary.file()).error().code, errc::too_large);
  ::unlink(temporary.file().c_str());
  ASSERT_EQ(::mkfifo(temporary.file().c_str(), 0600), 0);
  // Nobody writes to it: whatever the answer, it comes at once.
  EXPECT_TRUE(world.can_read(temporary.file()));
}

TEST(outside_world, tells_whether_a_folder_can_keep_files) {
  const folder temporary;
  const auto world = make_outside_world();
  std::ofstream{temporary.file()} << "x";
  EXPECT_TRUE(world.can_keep_files(temporary.path()));
  for (const auto& path : {temporary.file(), temporary.path() + "/none"}) {
    const auto usable = world.can_keep_files(path);
    ASSERT_FALSE(usable);
    EXPECT_NE(usable.error().detail.find(path), std::string::npos);
  }
}

TEST(outside_world, tries_ports) {
  using boost::asio::ip::tcp;
  const auto world = make_outside_world();
  boost::asio::io_context io;
  tcp::acceptor taken{io, {boost::asio::ip::address_v4::loopback(), 0}};
  const auto port = taken.local_endpoint().port();
  const auto outcome = world.can_listen(port);
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().detail.find(std::to_string(port)),
            std::string::npos);
  EXPECT_TRUE(world.can_listen(0)) << "any port";
}

} // namespace
} // namespace apm
