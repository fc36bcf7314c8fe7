// The hidden directory beside a deployed archive, where the versions that may replace it wait.
#ifndef JETTYFLEET_AGENT_ARCHIVE_STAGING_AREA_H_
#define JETTYFLEET_AGENT_ARCHIVE_STAGING_AREA_H_

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/archive/part_file.h"
#include "common/unique_fd.h"

namespace jettyfleet {

// TARGET's directory/.jettyfleet/TARGET's name/SHA256.war, and SHA256.part while it is fetched. It is on the target's
// file system, so that putting one in place is a rename, and Jetty's deployment scanner passes over hidden names. The
// directory of the target may belong to Jetty's user; ours is root's alone, and everything in it is reached through a
// descriptor, so that nobody can lead us elsewhere in between.
//
// Owned by one act of jettyfleet-stager; one thread. Messages are one line. ResourceExhausted: the disk is full.
class StagingArea {
 public:
  enum class InPlace { kNothing, kFile, kLink };

  // `target` is as CheckArchiveTarget wants it. NotFound: its directory is missing. With `make`, the hidden directory
  // is made where it is missing; without, has_directory() tells. FailedPrecondition: what is there is not ours, or is
  // on another file system, or the target is neither a file nor a link to one.
  static absl::StatusOr<std::unique_ptr<StagingArea>> Open(const std::string& target, bool make);

  // `status` with real paths, where a part file's message names the descriptor that it is reached through.
  absl::Status Told(const absl::Status& status) const;

  bool has_directory() const { return directory_.get() >= 0; }
  InPlace in_place() const { return in_place_; }

  // Of what is in place; empty: nothing is.
  absl::StatusOr<std::string> HashInPlace() const;
  // NotFound: it is not staged.
  absl::StatusOr<std::string> HashStaged(const std::string& sha256) const;
  // Whether this one is what is in place, by the file's identity.
  bool IsInPlace(const std::string& sha256) const;

  absl::StatusOr<uint64_t> FreeBytes() const;
  // Aborted: another fetch of the same content is under way.
  absl::StatusOr<std::unique_ptr<PartFile>> OpenPart(const std::string& sha256, WriteCall write) const;
  // Gives a verified part its name, with owner, mode and SELinux context of what is in place.
  absl::Status Publish(PartFile& part, const std::string& sha256) const;
  // The same for one that is staged.
  absl::Status DressAsInPlace(const std::string& sha256) const;
  // Keeps what is in place under its digest, by a second name for the same file, or a copy where it lies elsewhere.
  absl::Status KeepInPlace(const std::string& sha256, WriteCall write) const;

  // Everything up to the one rename, and that. What is staged stays so. DoSwitch once after PrepareSwitch, or
  // AbandonSwitch.
  absl::Status PrepareSwitch(const std::string& sha256) const;
  void AbandonSwitch() const;
  absl::Status DoSwitch() const;

  absl::Status RemoveStaged(const std::string& sha256) const;
  // Removes all but what is in place, `sha256`, and the `keep` that were staged or put away last; also what broken
  // fetches have left.
  absl::Status Prune(const std::string& sha256, std::size_t keep) const;

  // Against others that switch or clear up; held until the area is gone. What is fetched needs it at the end only.
  // Looks anew at what is in place: until now another may have switched.
  absl::Status Lock();

 private:
  StagingArea(std::string target, UniqueFd parent);

  absl::Status LookInPlace();
  absl::Status OpenDirectory(bool make);
  absl::Status Dress(int fd) const;
  absl::Status RemoveLeftPart(const std::string& name) const;
  absl::StatusOr<UniqueFd> OpenInPlace() const;
  // What it is reached by, and what it is called in messages.
  std::string At(absl::string_view name) const;
  std::string StagedName(const std::string& sha256) const;
  absl::Status Problem(absl::string_view what, absl::string_view name, int error) const;

  const std::string target_;
  const std::string name_;  // the last part of target_
  const UniqueFd parent_;   // of the target
  UniqueFd directory_;      // ours; -1: there is none
  InPlace in_place_ = InPlace::kNothing;
  struct stat about_ = {};       // of the file in place, a link's end
  struct stat about_link_ = {};  // of the link
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ARCHIVE_STAGING_AREA_H_
