// Jetty's XML files and a web application's descriptor.
#include <cstdint>
#include <string>

#include "agent/inspect/jetty/jetty_xml.h"
#include "agent/inspect/jetty/store_address.h"
#include "tests/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jettyfleet::Demand;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const jettyfleet::XmlLookup lookup = {
      .properties = {{"jetty.base", "/var/lib/jetty9"}, {"jetty.sessionIdManager.workerName", "node-01"}},
      .environment = {{"HOSTNAME", "node-01"}}};
  const absl::StatusOr<jettyfleet::JettyXml> xml = jettyfleet::ReadJettyXml(text, lookup);
  const absl::StatusOr<std::string> cookie = jettyfleet::CookieOfDescriptor(text);
  Demand(xml.ok() == cookie.ok(), "what is XML is XML for both");
  if (!xml.ok()) {
    Demand(absl::IsInvalidArgument(xml.status()) && absl::IsInvalidArgument(cookie.status()), "no XML");
    return 0;
  }
  Demand(cookie->size() <= size, "a cookie's name is part of the text");
  Demand(xml->classes.size() + xml->store_urls.size() <= size / 8 + 1, "what is found was written");
  for (const std::string& url : xml->store_urls) Demand(jettyfleet::IsStoreUrl(url), "a store's URL is one");
  return 0;
}
