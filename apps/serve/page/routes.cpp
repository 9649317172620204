#include "apps/serve/page/routes.h"

#include <algorithm>
#include <string>

#include "apps/serve/api/ollama/routes.h"
#include "apps/serve/page/files.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::page {

namespace {

/// The page has what it needs in its own files, asks this server alone, and lets no other page show it.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  return "image/svg+xml";
}

/// Browsers ask each time whether what they have is still the same: another release has other files.
Awaitable<> reply_file(Exchange& exchange, std::string_view name) {
  const File& file =
      *std::find_if(kFiles.begin(), kFiles.end(), [&](const File& each) { return each.name == name; });
  const std::string tag = '"' + std::string(file.sha256.substr(0, 32)) + '"';
  Headers& headers = exchange.reply_headers;
  headers.emplace_back("ETag", tag);
  headers.emplace_back("Cache-Control", "no-cache");
  headers.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
  headers.emplace_back("X-Content-Type-Options", "nosniff");
  headers.emplace_back("Referrer-Policy", "no-referrer");
  if (exchange.request.header("If-None-Match").find(tag) != std::string_view::npos) {
    return exchange.reply(304, "", "");
  }
  return exchange.reply(200, type_of(name), std::string(file.content));
}

/// Who takes no HTML is no browser, but a client that asks at / whether Ollama is there.
Awaitable<> reply_page(Service& service, Exchange& exchange) {
  exchange.reply_headers.emplace_back("Vary", "Accept");
  const bool takes_html = exchange.request.header("Accept").find("text/html") != std::string_view::npos;
  return takes_html && service.config.page ? reply_file(exchange, "index.html")
                                           : ollama::greet(service, exchange);
}

Awaitable<> reply_part(Service& service, Exchange& exchange) {
  if (!service.config.page) throw Refusal(404, ErrorCode::kNotFound, "the page is turned off");
  return reply_file(exchange, exchange.request.path.substr(1));
}

}  // namespace

void add_routes(Routes& routes) {
  const Route ours[] = {
      {"GET", "/", Dialect::kOllama, reply_page, Scope::kAnyone},
      {"GET", "/page.js", Dialect::kOpenai, reply_part, Scope::kAnyone},
      {"GET", "/page.css", Dialect::kOpenai, reply_part, Scope::kAnyone},
      {"GET", "/icon.svg", Dialect::kOpenai, reply_part, Scope::kAnyone},
  };
  routes.insert(routes.end(), std::begin(ours), std::end(ours));
}

}  // namespace hearth::serve::page
