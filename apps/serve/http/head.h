// The head of a request: where it ends, and what it asks for. What others may read in another way than this
// server is refused: two that disagree about where a request ends can be made to disagree about whose it is.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "apps/serve/http/request.h"

namespace hearth::serve {

using RequestParser = boost::beast::http::request_parser<boost::beast::http::string_body>;

/// The bytes of the head that `text` begins with, its empty line included; 0 where that has not come yet.
/// `line` is where the first line begins that has not been looked at: 0 at first, and kept between calls.
/// Throws a Refusal for lines that do not end in CRLF or go on the one before, and for NUL bytes.
size_t head_size(std::string_view text, size_t& line);

/// Has the parser read a head, all of it. Throws a Refusal for what is no head, and for a body that is too
/// large for the parser's limit.
void parse_head(RequestParser& parser, std::string_view head);

/// The request that a head makes, still without its body. Throws a Refusal where its target, host or length
/// can't be told for sure.
Request request_of_head(const RequestParser::value_type& head, std::string peer);

}  // namespace hearth::serve
