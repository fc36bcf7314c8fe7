// One HTTP GET to this host's own Jetty, and whether its answer is as described.
#ifndef JETTYFLEET_AGENT_OBSERVE_HTTP_PROBE_H_
#define JETTYFLEET_AGENT_OBSERVE_HTTP_PROBE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "agent/loop.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// Owned by HostObserver; Get and `done` are on the loop's thread. The requests run on a thread of their own, started
// with the first one. A new connection each time: that the port accepts one is part of the question.
class HttpProbe {
 public:
  struct Request {
    std::string resource;
    uint32_t port = 0;
    std::string path;
    uint32_t expected_status = 200;
    absl::Duration timeout = absl::Seconds(2);  // for all of it: connecting, asking, the whole answer
    std::string body_pattern;                   // RE2; empty: any body
    std::string version_pattern;                // RE2 with one group; empty: none is looked for
    friend bool operator==(const Request&, const Request&) = default;
  };

  explicit HttpProbe(Loop& loop);
  // `done` of what is under way is not called.
  ~HttpProbe();
  HttpProbe(const HttpProbe&) = delete;
  HttpProbe& operator=(const HttpProbe&) = delete;

  // YES: the expected status, and its whole body or the first 64 KiB of it, in time, in which the pattern is found. NO:
  // anything else that Jetty did or did not do, with the reason. Unknown: this host could not even try, or the pattern
  // is none. Redirects are answers, and are not followed. What version the body tells makes it neither.
  void Get(const Request& request, std::function<void(v1::HttpFact)> done);

 private:
  class Io;

  Loop& loop_;
  std::unique_ptr<Io> io_;
  // Outlived by answers that are still posted when the probe is gone.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_OBSERVE_HTTP_PROBE_H_
