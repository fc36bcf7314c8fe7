// Files of ours on which changes of the cluster are tried.
#ifndef JETTYFLEET_AGENT_ACT_CIB_COPY_H_
#define JETTYFLEET_AGENT_ACT_CIB_COPY_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/durable_file.h"

namespace jettyfleet {

// Owned by one prediction. Removed however that ends, also when the agent stops in the middle of it.
class CibCopy {
 public:
  // Private files whose names begin with `scratch` (a path).
  explicit CibCopy(const std::string& scratch)
      : path_(absl::StrCat(scratch, "-cib.xml")), next_(absl::StrCat(scratch, "-next.xml")) {}
  ~CibCopy() {
    RemoveFile(path_).IgnoreError();
    RemoveFile(next_).IgnoreError();
  }
  CibCopy(const CibCopy&) = delete;
  CibCopy& operator=(const CibCopy&) = delete;

  // Both exist afterwards: crm_simulate would make the next one readable for a group, but keeps the mode of one that is
  // there.
  absl::Status Write(absl::string_view cib) {
    if (absl::Status written = ReplaceFile(path_, cib); !written.ok()) return written;
    return ReplaceFile(next_, "");
  }

  const std::string& path() const { return path_; }
  const std::string& next() const { return next_; }
  void Swap() { std::swap(path_, next_); }

 private:
  std::string path_;
  std::string next_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_CIB_COPY_H_
