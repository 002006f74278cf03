// Asking the operating system and OpenSSL; see outside_world.hpp.
#include "runtime/app/outside_world.hpp"

#include "runtime/descriptor.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <utility>

namespace apm {

namespace {

/// A file of all CA certificates of a system has a quarter of it.
constexpr size_t file_bytes_max = 1024 * 1024;

error io_error(const std::string& what, int code) {
  return {errc::io, what + ": " + std::strerror(code)};
}

/// What is wrong with an opened file; 0: nothing.
int problem_of(const descriptor& file) {
  struct stat facts {};
  if (file.get() < 0 || ::fstat(file.get(), &facts) != 0)
    return errno;
  return S_ISDIR(facts.st_mode) ? EISDIR : 0;
}

int open_to_read(const std::string& path) {
  // Without O_NONBLOCK a FIFO would hold us until somebody writes to it.
  return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

result<void> can_read(const std::string& path) {
  const descriptor file{open_to_read(path)};
  if (const int problem = problem_of(file); problem != 0)
    return io_error(path, problem);
  return boost::outcome_v2::success();
}

result<std::string> read_file(const std::string& path) {
  const descriptor file{open_to_read(path)};
  if (const int problem = problem_of(file); problem != 0)
    return io_error(path, problem);
  std::string text;
  char buffer[16 * 1024];
  for (;;) {
    const auto n = ::read(file.get(), buffer, sizeof buffer);
    if (n < 0)
      return io_error(path, errno);
    if (n == 0)
      return text;
    text.append(buffer, static_cast<size_t>(n));
    if (text.size() > file_bytes_max)
      return error{errc::too_large, path + ": is longer than 1 MiB"};
  }
}

result<void> can_keep_files(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0)
    return io_error(path, errno);
  if (!S_ISDIR(facts.st_mode))
    return io_error(path, ENOTDIR);
  if (::access(path.c_str(), W_OK | X_OK) != 0)
    return io_error(path, errno);
  return boost::outcome_v2::success();
}

result<void> can_listen(uint16_t port) {
  const descriptor tried{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // As the receiver does: connections that have just ended do not matter.
  const int yes = 1;
  if (tried.get() < 0
      || ::setsockopt(tried.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes)
             != 0
      || ::bind(tried.get(), reinterpret_cast<const sockaddr*>(&place),
                sizeof place)
             != 0
      || ::listen(tried.get(), 1) != 0)
    return io_error("port " + std::to_string(port), errno);
  return boost::outcome_v2::success();
}

template <auto free_function>
struct freeing {
  template <class T>
  void operator()(T* x) const {
    free_function(x);
  }
};

using bio = std::unique_ptr<BIO, freeing<BIO_free>>;
using certificate = std::unique_ptr<X509, freeing<X509_free>>;

std::string subject_of(const X509& x) {
  const bio out{BIO_new(BIO_s_mem())};
  if (!out)
    return {};
  X509_NAME_print_ex(out.get(), X509_get_subject_name(&x), 0,
                     XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return size > 0 ? std::string(data, static_cast<size_t>(size))
                  : std::string{};
}

wall_ms expiry_of(const X509& x) {
  std::tm date{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&x), &date) != 1)
    return 0;
  return wall_ms{timegm(&date)} * 1000;
}

/// How many certificates a text says it has.
size_t begun_certificates(std::string_view pem) {
  size_t count = 0;
  for (const std::string_view begin :
       {"-----BEGIN CERTIFICATE-----", "-----BEGIN TRUSTED CERTIFICATE-----",
        "-----BEGIN X509 CERTIFICATE-----"})
    for (auto at = pem.find(begin); at != std::string_view::npos;
         at = pem.find(begin, at + begin.size()))
      ++count;
  return count;
}

} // namespace

result<std::vector<certificate_facts>> read_certificates(std::string_view pem) {
  const auto begun = begun_certificates(pem);
  if (begun == 0)
    return error{errc::bad_value, "holds no certificate in PEM form"};
  const bio in{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  std::vector<certificate_facts> found;
  while (in) {
    const certificate next{
        PEM_read_bio_X509_AUX(in.get(), nullptr, nullptr, nullptr)};
    if (!next)
      break;
    found.push_back({subject_of(*next), expiry_of(*next)});
  }
  ERR_clear_error(); // the last reading always fails: nothing is left
  if (found.size() != begun)
    return error{errc::bad_value, "has a damaged certificate: number "
                                      + std::to_string(found.size() + 1)
                                      + " of " + std::to_string(begun)};
  return found;
}

outside_world make_outside_world() {
  outside_world world;
  world.can_read = can_read;
  world.can_keep_files = can_keep_files;
  world.read_file = read_file;
  world.can_listen = can_listen;
  world.read_certificates = read_certificates;
  world.now = std::chrono::duration_cast<std::chrono::milliseconds>(
                  std::chrono::system_clock::now().time_since_epoch())
                  .count();
  return world;
}

} // namespace apm
