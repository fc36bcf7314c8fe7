// The cluster's configuration as `cibadmin --query --scope configuration` prints it, as far as acting needs it.
#ifndef JETTYFLEET_AGENT_ACT_CIB_DOCUMENT_H_
#define JETTYFLEET_AGENT_ACT_CIB_DOCUMENT_H_

#include <map>
#include <memory>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/observation.pb.h"

namespace jettyfleet {

// A value; any thread.
class CibDocument {
 public:
  struct Primitive {
    std::string agent;             // "systemd:jetty9"
    std::string monitor_interval;  // as written: "30s"; empty when there is no monitor
    std::map<std::string, std::string> meta;
    std::string parent;  // the clone or group it is in; empty when none
    std::map<std::string, std::string> parent_meta;
  };

  struct Operation {
    std::string interval;  // as written, like all of these; empty: not set
    std::string timeout;
    std::string on_fail;
    // All that is written at it, in that order, but for its id and name.
    std::vector<std::pair<std::string, std::string>> attributes;
    bool has_children = false;  // OCF_CHECK_LEVEL and the like
  };
  struct Location {
    std::string resource;
    std::string node;
    std::string score;
  };

  // A <configuration>, or a whole <cib> around one. InvalidArgument: it is neither.
  static absl::StatusOr<CibDocument> Parse(const std::string& xml);

  // Everything named jettyfleet- that has an end: rules, standby sets and the lock. Not what keeps instances off nodes
  // by description (jettyfleet-avoid-), which is configuration. An entry whose end cannot be read has no ends_at.
  std::vector<v1::CibEntryFact> Ours() const;
  std::optional<v1::CibEntryFact> FindOurs(const std::string& id) const;
  std::optional<v1::CibEntryFact> Lock() const;

  // The id of the node in the CIB (Corosync's number); empty when no such node is in it.
  std::string NodeId(const std::string& node) const;
  // The id of an attribute set that is not ours and has `node` in standby; empty when there is none.
  std::string ForeignStandby(const std::string& node) const;
  // Of any kind: primitive, group, clone.
  bool HasResource(const std::string& id) const;
  std::optional<Primitive> FindPrimitive(const std::string& id) const;
  // Whether a primitive is about this systemd unit (without ".service").
  bool RunsUnit(const std::string& unit) const;
  bool InMaintenanceMode() const;
  // Why a fenced node would not be rebooted: fencing is off, has no device, or its action is another. Empty: it would.
  std::string FencingProblem() const;
  // The operations of that name of a primitive, in their order.
  std::vector<Operation> Operations(const std::string& primitive, const std::string& name) const;
  // The meta attributes of a resource of any kind; nullopt: there is no such resource.
  std::optional<std::map<std::string, std::string>> Meta(const std::string& resource) const;
  // A location constraint by its id.
  std::optional<Location> FindLocation(const std::string& id) const;
  // The id of a location constraint other than `id` about just this resource and node; empty when there is none. Rules
  // do not count: they name no node.
  std::string OtherLocation(const std::string& id, const std::string& resource, const std::string& node) const;
  // The resource that a location rule with this id is about; empty when there is none.
  std::string ResourceOfRule(const std::string& id) const;

 private:
  // A cluster property of whichever set; empty: it is not set.
  std::string Property(const char* name) const;
  pugi::xml_node Section(const char* name) const { return document_->child("configuration").child(name); }

  std::shared_ptr<const pugi::xml_document> document_;
};

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_ACT_CIB_DOCUMENT_H_
