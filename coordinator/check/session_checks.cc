#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/check/verdict.h"

namespace jettyfleet {
namespace {

using Sessions = v1::SessionsDescription;

bool IsExternal(const std::string& store) { return store != "memory" && store != "file" && store != "unknown"; }

// What Jetty's configuration on one node says; `look` gets it only where it is known.
Seen OfSessions(const CheckInput& input, const v1::ResourceDescription& resource, const std::string& node,
                const std::function<Seen(const v1::SessionConfigurationFact&)>& look) {
  const v1::ResourceInspection* const inspected = InspectionOf(input, node, resource);
  if (inspected == nullptr) return NotSeen(WhyNotInspected(input, node));
  const v1::SessionConfigurationFact& sessions = inspected->sessions();
  if (sessions.store().empty() || sessions.store() == "unknown") {
    return NotSeen(sessions.error().empty() ? "its session store is not known" : sessions.error());
  }
  return look(sessions);
}

Verdict OnEachJetty(const CheckInput& input, const v1::ResourceDescription& resource,
                    const std::function<Seen(const v1::SessionConfigurationFact&)>& look, const std::string& when_good,
                    const std::string& when_bad) {
  return OnEach(
      NodesOf(input), [&](const std::string& node) { return OfSessions(input, resource, node, look); }, when_good,
      when_bad);
}

std::string Words(const v1::SessionConfigurationFact& sessions) {
  return absl::StrCat(sessions.store() == "memory" ? "in memory" : absl::StrCat("store ", sessions.store()),
                      ", cache ", sessions.cache());
}

bool Alone(const CheckInput& input) { return NodesOf(input).size() == 1; }
bool NoSessions(const v1::ResourceDescription& resource) { return resource.sessions().store() == Sessions::STORE_NONE; }
// Any node may answer: nobody promises that a client stays where its session is.
bool NoAffinity(const v1::ResourceDescription& resource) {
  return resource.sessions().affinity() == Sessions::AFFINITY_NONE ||
         resource.sessions().affinity() == Sessions::AFFINITY_UNSPECIFIED;
}

Verdict Declared(const CheckInput&, const v1::ResourceDescription& resource) {
  if (!resource.has_sessions()) return Failed("the description does not say how sessions are kept");
  return Passed("the description says how sessions are kept");
}

Verdict Mode(const CheckInput& input, const v1::ResourceDescription& resource) {
  if (!resource.has_sessions()) return Unknown("the description does not say how sessions are kept");
  if (NoSessions(resource)) return Passed("the application keeps no sessions");
  const Sessions::Store store = resource.sessions().store();
  const bool cache_null = resource.sessions().cache_null();
  const auto fits = [&](const v1::SessionConfigurationFact& sessions) {
    switch (store) {
      case Sessions::STORE_MEMORY:
        return sessions.store() == "memory";
      case Sessions::STORE_JDBC:
        return sessions.store() == "jdbc";
      case Sessions::STORE_FILE:
        return sessions.store() == "file";
      default:
        return IsExternal(sessions.store()) && sessions.store() != "jdbc";
    }
  };
  return OnEachJetty(
      input, resource,
      [&](const v1::SessionConfigurationFact& sessions) {
        const bool good = fits(sessions) && cache_null == (sessions.cache() == "null");
        return good ? Good(Words(sessions)) : Bad(Words(sessions));
      },
      "Jetty keeps sessions as described", "Jetty keeps sessions otherwise than described");
}

Verdict WorkerNames(const CheckInput& input, const v1::ResourceDescription& resource) {
  const bool needed = resource.sessions().affinity() == Sessions::AFFINITY_WORKER_NAME;
  std::map<std::string, std::vector<std::string>> nodes;  // by worker name
  for (const std::string& node : NodesOf(input)) {
    const v1::ResourceInspection* const inspected = InspectionOf(input, node, resource);
    if (inspected != nullptr) nodes[inspected->sessions().worker_name()].push_back(node);
  }
  return OnEach(
      NodesOf(input),
      [&](const std::string& node) {
        const v1::ResourceInspection* const inspected = InspectionOf(input, node, resource);
        if (inspected == nullptr) return NotSeen(WhyNotInspected(input, node));
        const std::string& name = inspected->sessions().worker_name();
        if (name.empty()) {
          if (!inspected->sessions().error().empty()) return NotSeen(inspected->sessions().error());
          return needed && !Alone(input) ? Bad("not set: node0, as everywhere") : Good("not set, and not needed");
        }
        if (nodes[name].size() < 2) return Good(name);
        return Bad(absl::StrCat(name, ", as on ", absl::StrJoin(nodes[name], " and ")));
      },
      needed ? "each node's worker name is its own" : "no worker name is given twice",
      "worker names do not tell the nodes apart");
}

Verdict LoginLoop(const CheckInput& input, const v1::ResourceDescription& resource) {
  if (NoSessions(resource)) return Passed("the application keeps no sessions");
  if (Alone(input)) return Passed("there is one node only");
  if (!NoAffinity(resource)) return Passed("the load balancer keeps a client where its session is");
  return OnEachJetty(
      input, resource,
      [](const v1::SessionConfigurationFact& sessions) {
        return sessions.store() == "memory" ? Bad(Words(sessions)) : Good(Words(sessions));
      },
      "sessions outlive a change of the node",
      "login loops: sessions are in memory, no affinity is described, and the next node knows nothing of them");
}

Verdict StaleCopies(const CheckInput& input, const v1::ResourceDescription& resource) {
  if (NoSessions(resource)) return Passed("the application keeps no sessions");
  if (Alone(input) || !NoAffinity(resource)) return Passed("one node at a time answers a session");
  return OnEachJetty(
      input, resource,
      [](const v1::SessionConfigurationFact& sessions) {
        return IsExternal(sessions.store()) && sessions.cache() != "null" ? Bad(Words(sessions)) : Good(Words(sessions));
      },
      "no node answers from a copy of its own",
      "stale copies: nodes answer from caches of their own, and updates are lost (a counter was seen to run backwards)");
}

std::string Property(const v1::SessionConfigurationFact& sessions, const std::string& name) {
  for (const v1::SettingFact& property : sessions.properties()) {
    if (property.name() == name) return property.value();
  }
  return "";
}

Verdict Flushed(const CheckInput& input, const v1::ResourceDescription& resource) {
  if (NoSessions(resource)) return Passed("the application keeps no sessions");
  if (Alone(input) || !NoAffinity(resource)) return Passed("one node at a time answers a session");
  return OnEachJetty(
      input, resource,
      [](const v1::SessionConfigurationFact& sessions) {
        if (!IsExternal(sessions.store())) return Good(Words(sessions));
        const std::string flush = Property(sessions, "jetty.session.flushOnResponseCommit");
        return flush == "true" ? Good("flushOnResponseCommit=true")
                               : Bad(absl::StrCat("flushOnResponseCommit=", flush.empty() ? "not set" : flush));
      },
      "sessions are stored before the response goes out",
      "the next node may read a session before it was stored: updates are lost");
}

Verdict FileStore(const CheckInput& input, const v1::ResourceDescription& resource) {
  if (NoSessions(resource)) return Passed("the application keeps no sessions");
  if (Alone(input)) return Passed("there is one node only");
  return OnEachJetty(
      input, resource,
      [&](const v1::SessionConfigurationFact& sessions) {
        if (sessions.store() != "file") return Good(Words(sessions));
        return NoAffinity(resource) ? Bad("store file, and no affinity is described") : Good("store file, with affinity");
      },
      "no session waits in a file that other nodes do not read",
      "a file store is read when Jetty starts: what one node writes no other sees");
}

Verdict SecondLevel(const CheckInput& input, const v1::ResourceDescription& resource) {
  if (NoSessions(resource)) return Passed("the application keeps no sessions");
  return OnEachJetty(
      input, resource,
      [](const v1::SessionConfigurationFact& sessions) {
        return sessions.store() == "memcached" ? Bad("memcached, and no store behind it") : Good(Words(sessions));
      },
      "no cache stands for a store", "memcached is a cache in front of a store, and none is configured");
}

Verdict StoreReachable(const CheckInput& input, const v1::ResourceDescription& resource) {
  if (NoSessions(resource)) return Passed("the application keeps no sessions");
  return OnEach(
      NodesOf(input),
      [&](const std::string& node) {
        const v1::ResourceInspection* const inspected = InspectionOf(input, node, resource);
        if (inspected == nullptr) return NotSeen(WhyNotInspected(input, node));
        if (inspected->stores().empty()) {
          const std::string& store = inspected->sessions().store();
          if (store == "memory" || store == "file") return Good(absl::StrCat("needs none (", Words(inspected->sessions()), ")"));
          return NotSeen("no store's address is known; describe sessions.store_address");
        }
        std::vector<std::string> texts;
        bool known = true;
        bool good = true;
        for (const v1::StoreFact& store : inspected->stores()) {
          const std::string where = absl::StrCat(store.kind(), " ", store.address());
          texts.push_back(store.reachable() == v1::ANSWER_YES
                              ? absl::StrCat(where, " in ", store.latency_us() / 1000, ".",
                                             store.latency_us() / 100 % 10, " ms")
                              : absl::StrCat(where, ": ", store.error().empty() ? "not known" : store.error()));
          known = known && store.reachable() != v1::ANSWER_UNSPECIFIED;
          good = good && store.reachable() != v1::ANSWER_NO;
        }
        const std::string text = absl::StrJoin(texts, "; ");
        if (!good) return Bad(text);
        return known ? Good(text) : NotSeen(text);
      },
      "the store answers every node", "the store does not answer");
}

// Measured by clients that keep their cookies, and not read from the load balancer's configuration.
Verdict Affinity(const CheckInput& input, const v1::ResourceDescription& resource) {
  if (NoSessions(resource)) return Passed("the application keeps no sessions");
  if (!resource.has_sessions()) return Unknown("the description does not say how sessions are kept");
  if (input.traffic.empty()) return Unknown("no traffic.url is described, or no instance serves behind a load balancer");
  const bool may_move = resource.sessions().affinity() == Sessions::AFFINITY_NONE;
  Verdict verdict;
  verdict.passed = v1::ANSWER_YES;
  for (const TrafficLook& look : input.traffic) {
    WalkAnswer sum;
    absl::Status usable = look.reach.usable;
    for (const WalkAnswer& walk : look.sessions) {
      usable.Update(walk.usable);
      sum.requests += walk.requests;
      sum.failures += walk.failures;
      sum.kept += walk.kept;
      sum.moved += walk.moved;
      sum.regressed += walk.regressed;
      sum.lost += walk.lost;
      if (sum.first_failure.empty()) sum.first_failure = walk.first_failure;
    }
    std::string text = absl::StrCat(look.sessions.size(), " clients, ", sum.requests, " requests: ", sum.kept, " kept, ",
                                    sum.moved, " on another node, ", sum.regressed, " regressed, ", sum.lost, " lost");
    v1::Answer answer = v1::ANSWER_YES;
    if (sum.lost > 0 || sum.regressed > 0 || (sum.moved > 0 && !may_move)) {
      answer = v1::ANSWER_NO;
    } else if (!usable.ok()) {
      answer = v1::ANSWER_UNSPECIFIED;
      text = std::string(usable.message());
    } else if (sum.failures > 0 || sum.kept + sum.moved == 0) {
      answer = v1::ANSWER_UNSPECIFIED;
      absl::StrAppend(&text, sum.failures > 0 ? absl::StrCat("; ", sum.failures, " failed: ", sum.first_failure)
                                              : "; no answer brought a session");
    }
    verdict.evidence.emplace_back(look.question.traffic.url(), text);
    if (answer == v1::ANSWER_NO || verdict.passed == v1::ANSWER_YES) verdict.passed = answer;
  }
  verdict.summary = verdict.passed == v1::ANSWER_YES  ? may_move ? "sessions are kept whichever node answers"
                                                                  : "clients stay where their session is"
                    : verdict.passed == v1::ANSWER_NO ? "clients do not keep their sessions"
                                                      : "could not be measured";
  return verdict;
}

}  // namespace

std::vector<Check> SessionChecks() {
  static constexpr char kAffinity[] =
      "cookie JETTYFLEET insert indirect nocache in the HAProxy backend (jettyfleet route render haproxy -f cluster.yaml "
      "prints it), and sessions.affinity in the description";
  return {
      {"sessions.declared", v1::SEVERITY_WARNING, "The description says how sessions are kept", "sessions in the description",
       "Whether clients keep their logins is judged by it.", "describe sessions (docs/cluster-yaml.md)", nullptr, Declared},
      {"sessions.mode", v1::SEVERITY_FATAL, "Jetty keeps sessions as described",
       "session modules, XML and properties of Jetty's configuration on each node",
       "A node without the store loses every session that it is handed.",
       "enable the same session modules on every node (start.d), or describe what is", nullptr, Mode},
      {"sessions.worker-names", v1::SEVERITY_FATAL, "Worker names are distinct",
       "jetty.sessionIdManager.workerName, XML and JETTY_WORKER_INSTANCE on each node",
       "With affinity by worker name, two nodes of one name are one node to the load balancer.",
       "set jetty.sessionIdManager.workerName on each node, or JETTY_WORKER_INSTANCE in the unit's environment", nullptr,
       WorkerNames},
      {"sessions.login-loop", v1::SEVERITY_FATAL, "A login lasts longer than one request",
       "where Jetty keeps sessions, and the affinity that is described",
       "Sessions in memory without affinity: the next request goes to a node that has never heard of the login.", kAffinity,
       nullptr, LoginLoop},
      {"sessions.stale-copies", v1::SEVERITY_FATAL, "No node answers from a stale copy",
       "the session cache of Jetty's configuration, and the affinity that is described",
       "Jetty's default cache keeps sessions that another node has changed meanwhile.",
       "java -jar start.jar --add-module=session-cache-null on every node, or affinity", nullptr, StaleCopies},
      {"sessions.flushed", v1::SEVERITY_WARNING, "Sessions are stored before the response",
       "jetty.session.flushOnResponseCommit",
       "Jetty stores a session after the response has gone out; the next request may be quicker than that.",
       "jetty.session.flushOnResponseCommit=true and jetty.session.savePeriod.seconds=60 in start.d on every node", nullptr,
       Flushed},
      {"sessions.file-store", v1::SEVERITY_FATAL, "No file store is taken for a shared one",
       "the session store of Jetty's configuration, and the affinity that is described",
       "Running Jettys share nothing through files, not even on a shared directory.",
       "use session-store-jdbc, or affinity", nullptr, FileStore},
      {"sessions.second-level", v1::SEVERITY_FATAL, "No cache is taken for a store",
       "the session store of Jetty's configuration", "What memcached drops is gone: nothing is behind it.",
       "enable a session store beside session-store-cache", nullptr, SecondLevel},
      {"sessions.store-reachable", v1::SEVERITY_FATAL, "The store answers every node",
       "PING for Redis, a TLS or TCP connection otherwise, from each node",
       "A node that does not reach the store answers, and loses sessions.",
       "the network between that node and the store; sessions.store_address", nullptr, StoreReachable},
      {"sessions.affinity", v1::SEVERITY_FATAL, "Clients keep their sessions",
       "four clients with cookies of their own, four requests each, through every load balancer",
       "Affinity that is configured and does not work looks like a login loop.", kAffinity, nullptr, Affinity},
  };
}

}  // namespace jettyfleet
