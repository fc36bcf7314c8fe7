#include "agent/observe/listeners.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace jettyfleet {
namespace {

constexpr int kStateListen = 10;  // TCP_LISTEN, which <netinet/tcp.h> and <linux/tcp.h> both want to define
constexpr std::size_t kMostListeners = 65536;
constexpr std::size_t kDatagramBytes = 64 << 10;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

absl::Status Failed(const char* what) { return absl::UnavailableError(absl::StrCat(what, ": ", strerror(errno))); }

Listener ToListener(const inet_diag_msg& message, const char* attributes, int length) {
  Listener listener;
  listener.port = ntohs(message.id.idiag_sport);
  listener.cookie = (uint64_t{message.id.idiag_cookie[1]} << 32) | message.id.idiag_cookie[0];
  listener.inode = message.idiag_inode;
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(message.idiag_family, message.id.idiag_src, text, sizeof text);
  listener.address = text;
  for (const rtattr* attribute = reinterpret_cast<const rtattr*>(attributes); RTA_OK(attribute, length);
       attribute = RTA_NEXT(attribute, length)) {
    if (attribute->rta_type == INET_DIAG_CGROUP_ID && RTA_PAYLOAD(attribute) >= sizeof listener.cgroup_id) {
      memcpy(&listener.cgroup_id, RTA_DATA(attribute), sizeof listener.cgroup_id);
    }
  }
  return listener;
}

absl::Status DumpFamily(int fd, uint8_t family, std::vector<Listener>* listeners) {
  struct {
    nlmsghdr header;
    inet_diag_req_v2 request;
  } message = {};
  message.header.nlmsg_len = sizeof message;
  message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  message.request.sdiag_family = family;
  message.request.sdiag_protocol = IPPROTO_TCP;
  message.request.idiag_states = 1u << kStateListen;
  if (send(fd, &message, sizeof message, 0) != sizeof message) return Failed("sock_diag request");
  std::string buffer(kDatagramBytes, '\0');
  for (bool done = false; !done;) {
    const ssize_t got = recv(fd, buffer.data(), buffer.size(), MSG_TRUNC);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("sock_diag answer");
    if (static_cast<std::size_t>(got) > buffer.size())
      return absl::ResourceExhaustedError("sock_diag answer too large");
    absl::StatusOr<std::vector<Listener>> part =
        ParseDiagMessages(absl::string_view(buffer.data(), static_cast<std::size_t>(got)), &done);
    if (!part.ok()) return part.status();
    listeners->insert(listeners->end(), part->begin(), part->end());
    if (listeners->size() > kMostListeners) return absl::ResourceExhaustedError("more listening sockets than are read");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Listener>> ParseDiagMessages(absl::string_view datagram, bool* done) {
  std::vector<Listener> found;
  std::size_t at = 0;
  while (at < datagram.size()) {
    nlmsghdr header;
    if (datagram.size() - at < sizeof header) return absl::InvalidArgumentError("sock_diag: a message is cut short");
    memcpy(&header, datagram.data() + at, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size() - at) {
      return absl::InvalidArgumentError("sock_diag: a message's length is wrong");
    }
    const absl::string_view payload = datagram.substr(at + sizeof header, header.nlmsg_len - sizeof header);
    at += NLMSG_ALIGN(header.nlmsg_len);
    if (header.nlmsg_type == NLMSG_DONE) {
      *done = true;
      return found;
    }
    if (header.nlmsg_type == NLMSG_ERROR) {
      int error = 0;  // the first member of an nlmsgerr, negative
      if (payload.size() < sizeof error) return absl::InvalidArgumentError("sock_diag: an error is cut short");
      memcpy(&error, payload.data(), sizeof error);
      // -INT_MIN is no int.
      return absl::UnavailableError(absl::StrCat("sock_diag: ", strerror(error == INT_MIN ? EIO : -error)));
    }
    if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) continue;
    inet_diag_msg message;
    if (payload.size() < sizeof message) return absl::InvalidArgumentError("sock_diag: a message is too short");
    memcpy(&message, payload.data(), sizeof message);
    if (message.id.idiag_dport != 0) continue;
    if (message.idiag_family != AF_INET && message.idiag_family != AF_INET6) {
      return absl::InvalidArgumentError(absl::StrCat("sock_diag: a socket of address family ", message.idiag_family));
    }
    // Attributes are aligned in the kernel's buffer; a copy keeps them so whatever we were given.
    const std::string attributes(payload.substr(sizeof message));
    found.push_back(ToListener(message, attributes.data(), static_cast<int>(attributes.size())));
  }
  return found;
}

absl::StatusOr<std::vector<Listener>> DumpListeners() {
  const Descriptor fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (fd.get() < 0) return Failed("sock_diag socket");
  const timeval limit = {.tv_sec = 1, .tv_usec = 0};
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  std::vector<Listener> listeners;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    if (const absl::Status dumped = DumpFamily(fd.get(), family, &listeners); !dumped.ok()) return dumped;
  }
  return listeners;
}

absl::Status FilterListenerDestroyEvents(int fd, const std::set<uint16_t>& ports) {
  constexpr uint32_t kId = sizeof(nlmsghdr) + offsetof(inet_diag_msg, id);
  constexpr uint32_t kPeerPort = kId + offsetof(inet_diag_sockid, idiag_dport);
  constexpr uint32_t kPort = kId + offsetof(inet_diag_sockid, idiag_sport);
  // Both stand in the message in network order, which is how the filter loads them. A listener has no peer.
  std::vector<sock_filter> code = {
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, kPeerPort),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  if (ports.size() <= kMostFilteredPorts) {
    code.push_back(BPF_STMT(BPF_LD | BPF_H | BPF_ABS, kPort));
    // Each match jumps over the comparisons after it and the refusal.
    uint8_t after = static_cast<uint8_t>(ports.size());
    for (const uint16_t port : ports) code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, after--, 0));
    code.push_back(BPF_STMT(BPF_RET | BPF_K, 0));
  }
  code.push_back(BPF_STMT(BPF_RET | BPF_K, 0xffffffff));
  const sock_fprog program = {.len = static_cast<unsigned short>(code.size()), .filter = code.data()};
  // Replaces an earlier filter at once.
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) return Failed("socket filter");
  return absl::OkStatus();
}

absl::StatusOr<int> OpenListenerDestroyEvents() {
  Descriptor fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG));
  if (fd.get() < 0) return Failed("sock_diag socket");
  // Before joining, so that nothing slips in unfiltered.
  if (const absl::Status filtered = FilterListenerDestroyEvents(fd.get(), {}); !filtered.ok()) return filtered;
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  // Jetty listens on an AF_INET6 socket even for IPv4: events of both families are needed.
  address.nl_groups = (1u << (SKNLGRP_INET_TCP_DESTROY - 1)) | (1u << (SKNLGRP_INET6_TCP_DESTROY - 1));
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Failed("socket destroy events");
  }
  return fd.Release();
}

}  // namespace jettyfleet
