// Session cookies' names in what is deployed.
#ifndef JETTYFLEET_AGENT_INSPECT_JETTY_DEPLOYED_COOKIES_H_
#define JETTYFLEET_AGENT_INSPECT_JETTY_DEPLOYED_COOKIES_H_

#include <string>
#include <vector>

#include "agent/inspect/jetty/jetty_xml.h"

namespace jettyfleet {

struct DeployedCookies {
  // Distinct names, joined with a comma, where an application has one that is not Jetty's default; applications without
  // one then stand there as Jetty's JSESSIONID. Empty: Jetty's default everywhere.
  std::string names;
  // What context files (*.xml) and WEB-INF/jetty-web.xml say, for their session stores.
  std::vector<JettyXml> context_xml;
  // Not empty: something could not be read, and may say otherwise.
  std::string error;
};

// `descriptor`: webdefault.xml, which counts where an application's own web.xml says nothing; empty: none. Looks at
// context files, WAR files and exploded ones in `webapps`: 64 of them, 1 MiB for each descriptor.
DeployedCookies ReadDeployedCookies(const std::string& webapps, const std::string& descriptor, const XmlLookup& lookup);

}  // namespace jettyfleet

#endif  // JETTYFLEET_AGENT_INSPECT_JETTY_DEPLOYED_COOKIES_H_
