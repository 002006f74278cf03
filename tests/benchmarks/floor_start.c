/* floor_start: the least program that registers as an extension and asks for its next
   event, as C can do it with a static C library: what any extension costs. It
   checks nothing and is of no use but to be measured by tools/bench, so that
   every figure of a cold start can be read against what is possible. */
#define _GNU_SOURCE /* strcasestr */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>

static const char registration[] =
    "POST /2020-01-01/extension/register HTTP/1.1\r\n"
    "Host: lambda\r\n"
    "Lambda-Extension-Name: floor_start\r\n"
    "Content-Type: application/json\r\n"
    "Content-Length: 32\r\n"
    "\r\n"
    "{\"events\":[\"INVOKE\",\"SHUTDOWN\"]}";

static const char identifier[] = "Lambda-Extension-Identifier: ";

static int connect_to(char *api) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  char *colon = strchr(api, ':');
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (!colon)
    return -1;
  *colon = '\0';
  address.sin_port = htons((uint16_t)atoi(colon + 1));
  inet_pton(AF_INET, api, &address.sin_addr);
  return connect(fd, (struct sockaddr *)&address, sizeof address) ? -1 : fd;
}

int main(void) {
  char answer[4096], next[512], *api = getenv("AWS_LAMBDA_RUNTIME_API"), *id;
  int fd = api ? connect_to(api) : -1;
  ssize_t size;
  if (fd < 0 || write(fd, registration, sizeof registration - 1) < 0)
    return 1;
  size = read(fd, answer, sizeof answer - 1);
  if (size <= 0)
    return 1;
  answer[size] = '\0';
  id = strcasestr(answer, identifier);
  if (!id)
    return 1;
  id += sizeof identifier - 1;
  size = snprintf(next, sizeof next,
                  "GET /2020-01-01/extension/event/next HTTP/1.1\r\n"
                  "Host: lambda\r\n%s%.*s\r\n\r\n",
                  identifier, (int)strcspn(id, "\r\n"), id);
  if (write(fd, next, (size_t)size) != size)
    return 1;
  return read(fd, answer, sizeof answer) <= 0;
}
