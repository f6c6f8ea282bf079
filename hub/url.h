#pragma once

#include <string>

namespace unclip::hub {

/// Whether the text is a whole URL of http or https.
bool is_http_url(const std::string& url);

/// Scheme, host and port, "https://host:443"; empty if `url` is not a URL of http or https.
std::string origin_of(const std::string& url);

/// The URL without user name, password, query and fragment, for messages: these may be secret.
std::string shown_url(const std::string& url);

/// The text with every character escaped that a component of a URL's path cannot have; / too.
std::string escaped_component(const std::string& text);

}  // namespace unclip::hub
