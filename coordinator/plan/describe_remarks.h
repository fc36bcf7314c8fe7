// What a cluster has that a description cannot say, in one line each; and what is a Jetty in a CIB. Pure.
#ifndef JETTYFLEET_COORDINATOR_PLAN_DESCRIBE_REMARKS_H_
#define JETTYFLEET_COORDINATOR_PLAN_DESCRIBE_REMARKS_H_

#include <string>
#include <vector>

#include "proto/observation.pb.h"

namespace jettyfleet {

// "systemd:jetty...": what a description is made of.
bool IsJetty(const v1::PrimitiveFact& primitive);

// Whether the constraint keeps `primitive`, or its clone, off the constraint's node: -INFINITY and no rule.
bool Forbids(const v1::LocationFact& location, const v1::PrimitiveFact& primitive);

// Constraints of Jettys that do not forbid a node: rules and preferences.
void RemarkOnConstraints(const v1::CibFact& cib, std::vector<std::string>* remarks);

// States of the cluster and its nodes, and resources that are no Jettys.
void RemarkOnCluster(const v1::CibFact& cib, const v1::ClusterFact& cluster, std::vector<std::string>* remarks);

// A CIB may hold anything: `text` as one line of at most 1003 bytes.
std::string OneLine(std::string text);

// OneLine for each, and no more than 201 are left.
void TidyRemarks(std::vector<std::string>* remarks);

}  // namespace jettyfleet

#endif  // JETTYFLEET_COORDINATOR_PLAN_DESCRIBE_REMARKS_H_
