#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "coordinator/check/verdict.h"

namespace jettyfleet {
namespace {

constexpr uint32_t kLeastFreePercent = 5;  // where the description says none

// File systems that other hosts see as well.
bool IsShared(const std::string& fs_type) {
  static const auto* const types = new std::set<std::string>{
      "nfs",   "nfs4",   "cifs",  "smb3", "smbfs", "ceph",  "lustre", "gfs2",  "ocfs2",  "9p",
      "afs",   "beegfs", "gpfs",  "orangefs",      "pvfs2", "virtiofs", "vboxsf", "fuse.glusterfs",
      "fuse.ceph", "fuse.sshfs", "fuse.s3fs", "fuse.juicefs"};
  return types->contains(fs_type);
}

// Gone after a reboot, or with the container.
bool IsVolatile(const std::string& fs_type) {
  return fs_type == "tmpfs" || fs_type == "ramfs" || fs_type == "overlay" || fs_type == "aufs";
}

bool IsShareable(const v1::ResourceDescription& resource, const std::string& path) {
  return IsListed(resource.paths().shared(), path);
}

// Looks at every path of each node, and gives all that is to be said of them.
Verdict OnEachPath(const CheckInput& input, const v1::ResourceDescription& resource,
                   const std::function<Seen(const std::string& node, const v1::PathFact&)>& look,
                   const std::string& when_good, const std::string& when_bad) {
  return OnEach(
      NodesOf(input),
      [&](const std::string& node) {
        const v1::ResourceInspection* const inspected = InspectionOf(input, node, resource);
        if (inspected == nullptr) return NotSeen(WhyNotInspected(input, node));
        std::vector<std::string> bad;
        std::vector<std::string> unknown;
        int seen = 0;
        for (const v1::PathFact& path : inspected->paths()) {
          if (path.error().empty() && path.exists() == v1::ANSWER_NO) {
            // One that Jetty or its unit only may use is made when it is needed.
            if (path.source() != v1::PathFact::SOURCE_DESCRIPTION) continue;
            bad.push_back(absl::StrCat(path.path(), ": is described and does not exist"));
            continue;
          }
          const Seen one = path.error().empty() ? look(node, path) : NotSeen(path.error());
          ++seen;
          const std::string text = absl::StrCat(path.path(), ": ", one.text);
          if (!one.known) {
            unknown.push_back(text);
          } else if (!one.good) {
            bad.push_back(text);
          }
        }
        if (!bad.empty()) return Bad(absl::StrJoin(bad, "\n"));
        if (!unknown.empty()) return NotSeen(absl::StrJoin(unknown, "\n"));
        return Good(absl::StrCat(seen, seen == 1 ? " path" : " paths"));
      },
      when_good, when_bad);
}

Verdict Writable(const CheckInput& input, const v1::ResourceDescription& resource) {
  return OnEachPath(
      input, resource,
      [](const std::string&, const v1::PathFact& path) {
        if (path.writable() == v1::ANSWER_YES) return Good("");
        const std::string why = path.writable_error().empty() ? "its user cannot write there" : path.writable_error();
        return path.writable() == v1::ANSWER_NO ? Bad(why) : NotSeen(why);
      },
      "the unit's user can write to all of them", "the unit's user cannot write");
}

Verdict LocalType(const CheckInput& input, const v1::ResourceDescription& resource) {
  return OnEachPath(
      input, resource,
      [&](const std::string&, const v1::PathFact& path) {
        if (!IsShared(path.fs_type()) || IsShareable(resource, path.path())) return Good("");
        return Bad(absl::StrCat(path.fs_type(), " of ", path.mount_source()));
      },
      "all lie on file systems of the node", "on a file system that other hosts share");
}

// Whose marker it is: MarkerName in server/check_actions.h gives the node's place among the cluster's.
std::string OwnerOf(const CheckInput& input, const std::string& marker) {
  for (const auto& [node, host] : input.view.nodes) {
    const std::string end = absl::StrReplaceAll(node, {{".", "-"}});
    const std::size_t place = std::distance(input.view.nodes.begin(), input.view.nodes.find(node));
    if (absl::EndsWith(marker, absl::StrFormat("%02d-%s", place, end))) return node;
  }
  return marker;
}

struct Sightings {
  std::map<std::string, std::set<std::string>> owners;  // by path: whose markers are seen there
  std::map<std::string, std::string> problems;          // by path
};

Sightings SightingsOf(const CheckInput& input, const std::vector<v1::MarkerSighting>& all,
                      const v1::ResourceDescription& resource) {
  Sightings sightings;
  for (const v1::MarkerSighting& sighting : all) {
    if (sighting.resource() != resource.name()) continue;
    if (sighting.seen() == v1::ANSWER_YES) {
      sightings.owners[sighting.path()].insert(OwnerOf(input, sighting.marker()));
    } else if (sighting.seen() != v1::ANSWER_NO) {
      sightings.problems[sighting.path()] = sighting.error();
    }
  }
  return sightings;
}

Verdict Proven(const CheckInput& input, const v1::ResourceDescription& resource) {
  const std::vector<std::string> nodes = NodesOf(input);
  if (nodes.size() == 1) return Passed("one node has nobody to share with");
  return OnEach(
      nodes,
      [&](const std::string& node) {
        const auto look = input.hosts.find(node);
        if (look == input.hosts.end()) return NotSeen("no agent is connected");
        if (!look->second.sightings.ok()) return NotSeen(std::string(look->second.sightings.status().message()));
        const Sightings sightings = SightingsOf(input, *look->second.sightings, resource);
        std::vector<std::string> bad;
        for (const auto& [path, owners] : sightings.owners) {
          if (IsShareable(resource, path)) continue;
          bad.push_back(absl::StrCat(path, ": shows the marker of ", absl::StrJoin(owners, ", ")));
        }
        if (!bad.empty()) return Bad(absl::StrJoin(bad, "\n"));
        std::vector<std::string> unknown;
        for (const auto& [path, problem] : sightings.problems) unknown.push_back(absl::StrCat(path, ": ", problem));
        // Where it left no marker of its own, others could not have seen one.
        const v1::ResourceInspection* const inspected = InspectionOf(input, node, resource);
        if (inspected == nullptr) return NotSeen(WhyNotInspected(input, node));
        for (const v1::PathFact& path : inspected->paths()) {
          if (path.marked() || path.exists() == v1::ANSWER_NO) continue;
          unknown.push_back(absl::StrCat(path.path(), ": no marker could be left there",
                                         path.writable_error().empty() ? "" : ": ", path.writable_error()));
        }
        if (!unknown.empty()) return NotSeen(absl::StrJoin(unknown, "\n"));
        return Good("no other node's marker is there");
      },
      "each node's paths are its own: no marker was seen by another", "another node writes to the same directory");
}

Verdict SharedIsShared(const CheckInput& input, const v1::ResourceDescription& resource) {
  const std::vector<std::string> nodes = NodesOf(input);
  if (resource.paths().shared().empty() || nodes.size() == 1) return Passed("none is described as shared");
  return OnEach(
      nodes,
      [&](const std::string& node) {
        const auto look = input.hosts.find(node);
        if (look == input.hosts.end()) return NotSeen("no agent is connected");
        if (!look->second.sightings.ok()) return NotSeen(std::string(look->second.sightings.status().message()));
        const Sightings sightings = SightingsOf(input, *look->second.sightings, resource);
        std::vector<std::string> bad;
        std::vector<std::string> unknown;
        for (const std::string& path : resource.paths().shared()) {
          const auto owners = sightings.owners.find(path);
          const std::size_t seen = owners == sightings.owners.end() ? 0 : owners->second.size();
          if (seen + 1 >= nodes.size()) continue;
          const auto problem = sightings.problems.find(path);
          const std::string text = absl::StrCat(path, ": shows the markers of ", seen, " of the ", nodes.size() - 1,
                                                " other nodes");
          if (problem != sightings.problems.end()) {
            unknown.push_back(absl::StrCat(text, ": ", problem->second));
          } else {
            bad.push_back(text);
          }
        }
        if (!bad.empty()) return Bad(absl::StrJoin(bad, "\n"));
        return unknown.empty() ? Good("every other node's marker is there") : NotSeen(absl::StrJoin(unknown, "\n"));
      },
      "what is described as shared is", "a path that is described as shared is not the same one");
}

// Two hosts that see one disk under a local file system see no marker of each other: each has a cache of its own.
Verdict OwnDisk(const CheckInput& input, const v1::ResourceDescription& resource) {
  struct Place {
    std::string node;
    std::string path;
  };
  std::map<std::string, std::vector<Place>> by_disk;  // serial and file system
  std::map<std::string, std::set<std::string>> by_uuid;
  const std::vector<std::string> nodes = NodesOf(input);
  for (const std::string& node : nodes) {
    const v1::ResourceInspection* const inspected = InspectionOf(input, node, resource);
    if (inspected == nullptr) continue;
    for (const v1::PathFact& path : inspected->paths()) {
      if (path.fs_uuid().empty() || IsShared(path.fs_type())) continue;
      by_uuid[path.fs_uuid()].insert(node);
      if (!path.disk_serial().empty()) {
        by_disk[absl::StrCat(path.disk_serial(), " ", path.fs_uuid())].push_back({node, path.path()});
      }
    }
  }
  return OnEachPath(
      input, resource,
      [&](const std::string& node, const v1::PathFact& path) {
        if (path.fs_uuid().empty() || IsShared(path.fs_type()) || IsShareable(resource, path.path())) return Good("");
        // Copies of one image have one UUID and disks of their own.
        if (path.disk_serial().empty()) {
          return by_uuid[path.fs_uuid()].size() < 2
                     ? Good("")
                     : NotSeen(absl::StrCat("file system ", path.fs_uuid(), " is on ",
                                            absl::StrJoin(by_uuid[path.fs_uuid()], ", "), ", and its disk has no serial"));
        }
        for (const Place& other : by_disk[absl::StrCat(path.disk_serial(), " ", path.fs_uuid())]) {
          if (other.node != node) {
            return Bad(absl::StrCat("disk ", path.disk_serial(), " with file system ", path.fs_uuid(), ", which ",
                                    other.node, " has at ", other.path, ", too"));
          }
        }
        return Good("");
      },
      "no disk is seen by two nodes, as far as disks have names", "two nodes have one disk under a local file system");
}

Verdict Space(const CheckInput& input, const v1::ResourceDescription& resource) {
  const uint32_t least =
      resource.paths().min_free_percent() == 0 ? kLeastFreePercent : resource.paths().min_free_percent();
  return OnEachPath(
      input, resource,
      [&](const std::string&, const v1::PathFact& path) {
        const auto percent = [](uint64_t free, uint64_t total) {
          return total == 0 ? 100.0 : 100.0 * static_cast<double>(free) / static_cast<double>(total);
        };
        const double bytes = percent(path.free_bytes(), path.total_bytes());
        const double inodes = percent(path.free_inodes(), path.total_inodes());
        if (bytes >= least && inodes >= least) return Good("");
        if (bytes < least) {
          return Bad(absl::StrFormat("%.1f %% free (%d MiB of %d)", bytes, path.free_bytes() >> 20, path.total_bytes() >> 20));
        }
        return Bad(absl::StrFormat("%.1f %% of its inodes free (%d of %d)", inodes, path.free_inodes(), path.total_inodes()));
      },
      absl::StrCat("at least ", least, " % free everywhere"), absl::StrCat("less than ", least, " % free"));
}

Verdict Lasting(const CheckInput& input, const v1::ResourceDescription& resource) {
  return OnEachPath(
      input, resource,
      [&](const std::string&, const v1::PathFact& path) {
        if (!IsVolatile(path.fs_type()) || IsListed(resource.paths().volatile_(), path.path())) return Good("");
        return Bad(absl::StrCat("on ", path.fs_type(), " (", path.mount_point(), ")"));
      },
      "what is written there outlives a reboot", "what is written there is lost with the node's next start");
}

}  // namespace

std::vector<Check> PathChecks() {
  return {
      {"paths.writable", v1::SEVERITY_FATAL, "The application can write where it writes",
       "access(2) as the unit's user in the unit's own mount namespace, for paths of the unit, jetty.base, the session "
       "store and the description",
       "An application that cannot write its logs or sessions fails at the first request that needs them.",
       "chown, or ReadWritePaths= in a drop-in of the unit, then systemctl daemon-reload", nullptr, Writable},
      {"paths.node-local", v1::SEVERITY_FATAL, "Paths lie on file systems of the node", "the type of each path's mount",
       "Two Jettys that write to the same directory overwrite each other's work.",
       "give each node a directory of its own, or list the path under paths.shared", nullptr, LocalType},
      {"paths.proven", v1::SEVERITY_FATAL, "No two nodes share a directory",
       "a marker that each node leaves in each path, and every other node looks for by its name",
       "The type of a file system does not tell: a bind mount of a shared directory looks local.",
       "findmnt -T PATH on both nodes; give each node a directory of its own, or list the path under paths.shared", nullptr,
       Proven},
      {"paths.shared", v1::SEVERITY_WARNING, "What is described as shared is shared", "the same markers",
       "A share that is not mounted is an empty directory that everybody writes to.", "mount it on that node", nullptr,
       SharedIsShared},
      {"paths.own-disk", v1::SEVERITY_FATAL, "No two nodes have the same disk",
       "World Wide Name or serial of the disk, and the file system's UUID, side by side (udev)",
       "A local file system that two hosts mount is destroyed, and shows no marker of the other.",
       "unmount it on one of them at once", nullptr, OwnDisk},
      {"paths.space", v1::SEVERITY_FATAL, "There is space", "free bytes and inodes of each path's file system (statfs)",
       "Jetty on a full disk serves errors, and its sessions are lost.", "df -h PATH; df -i PATH", nullptr, Space},
      {"paths.lasting", v1::SEVERITY_WARNING, "What is written lasts", "the type of each path's mount",
       "Logs and sessions on tmpfs or an overlay are gone when they are wanted.",
       "move it to a disk, or list the path under paths.volatile", nullptr, Lasting},
  };
}

}  // namespace jettyfleet
