// What one of Jetty's XML files (Configure) says about sessions, as far as its text tells it. Pure.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_JETTY_XML_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_JETTY_XML_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jettyfleet {

// What <Property>, <Env> and <SystemProperty> are looked up in; all values expanded.
struct XmlLookup {
  std::map<std::string, std::string> properties;
  std::map<std::string, std::string> environment;
};

struct JettyXml {
  // Values of class="..." anywhere, in order.
  std::vector<std::string> classes;
  // <Set name="workerName"> and <Set name="sessionCookie"> (or their setters); set but empty: their value cannot be
  // told from the text.
  std::optional<std::string> worker_name;
  std::optional<std::string> cookie;
  // <Set name="storeDir">.
  std::optional<std::string> store_directory;
  // Texts that ParseStoreUrl knows.
  std::vector<std::string> store_urls;
};

// InvalidArgument: no XML. More than 20,000 elements, or more than 50 levels, are left out.
absl::StatusOr<JettyXml> ReadJettyXml(absl::string_view text, const XmlLookup& lookup);

// The session cookie's name in a web.xml or webdefault.xml: <cookie-config><name>, or Jetty's context parameter. Empty:
// none is set. InvalidArgument: no XML.
absl::StatusOr<std::string> CookieOfDescriptor(absl::string_view text);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_JETTY_XML_H_
