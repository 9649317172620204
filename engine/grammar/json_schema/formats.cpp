#include "engine/grammar/json_schema/formats.h"

#include <array>

namespace hearth::json_schema {
namespace {

// RFC 3339, with the days that each month has.
#define DATE                                                            \
  "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"        \
  "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))" \
  "|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
// With a leap second where it comes, seen from Greenwich.
#define TIME                                                        \
  "(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?" \
  "(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])|23:59:60(?:\\.[0-9]{1,9})?[Zz])"

// RFC 5322's addresses without quotes and comments, at names of hosts.
#define ATOM "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
#define LABEL "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

#define BYTE "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
#define IPV4 BYTE "(?:\\." BYTE "){3}"

// RFC 4291: eight groups, of which a row of zeros may be left out once; the last two may be an IPv4 address.
#define GROUP "[0-9A-Fa-f]{1,4}"
#define LAST_TWO "(?:" GROUP ":" GROUP "|" IPV4 ")"
#define IPV6                                                                                                 \
  "(?:(?:" GROUP ":){6}" LAST_TWO "|::(?:" GROUP ":){5}" LAST_TWO "|(?:" GROUP ")?::(?:" GROUP               \
  ":){4}" LAST_TWO "|(?:(?:" GROUP ":){0,1}" GROUP ")?::(?:" GROUP ":){3}" LAST_TWO "|(?:(?:" GROUP          \
  ":){0,2}" GROUP ")?::(?:" GROUP ":){2}" LAST_TWO "|(?:(?:" GROUP ":){0,3}" GROUP ")?::" GROUP ":" LAST_TWO \
  "|(?:(?:" GROUP ":){0,4}" GROUP ")?::" LAST_TWO "|(?:(?:" GROUP ":){0,5}" GROUP ")?::" GROUP               \
  "|(?:(?:" GROUP ":){0,6}" GROUP ")?::)"

// RFC 3986, with something behind the scheme.
#define ESCAPED "%[0-9A-Fa-f]{2}"
#define PATH_CHARACTER "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|" ESCAPED ")"
#define HOST "(?:\\[" IPV6 "\\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|" ESCAPED ")*)"
#define AUTHORITY "(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|" ESCAPED ")*@)?" HOST "(?::[0-9]*)?"
#define SEGMENTS "(?:/" PATH_CHARACTER "*)*"
#define REST_OF_URI "(?:[/?]|" PATH_CHARACTER ")*"
#define URI                                                                              \
  "[A-Za-z][A-Za-z0-9+.-]*:(?://" AUTHORITY SEGMENTS "|/(?:" PATH_CHARACTER "+" SEGMENTS \
  ")?|" PATH_CHARACTER "+" SEGMENTS ")(?:\\?" REST_OF_URI ")?(?:#" REST_OF_URI ")?"

// ISO 8601.
#define DURATION_TIME "T(?:[0-9]+H(?:[0-9]+M)?(?:[0-9]+S)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S)"
#define DURATION                                                        \
  "P(?:(?:[0-9]+Y(?:[0-9]+M)?(?:[0-9]+D)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)" \
  "(?:" DURATION_TIME ")?|" DURATION_TIME "|[0-9]+W)"

struct Format {
  std::string_view name;
  std::string_view pattern;
};

constexpr auto kFormats = std::to_array<Format>({
    {"date", DATE},
    {"time", TIME},
    {"date-time", DATE "[Tt]" TIME},
    {"uuid", "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"},
    {"email", ATOM "(?:\\." ATOM ")*@(?:" LABEL "\\.)+" LABEL},
    {"ipv4", IPV4},
    {"ipv6", IPV6},
    {"uri", URI},
    {"duration", DURATION},
});

}  // namespace

std::optional<std::string_view> format_pattern(std::string_view format) {
  for (const Format& each : kFormats) {
    if (each.name == format) return each.pattern;
  }
  return std::nullopt;
}

}  // namespace hearth::json_schema
