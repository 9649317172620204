// The program's arguments, kept from being read as something else than what they are.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace hearth::cli {

/// The arguments after the program's name. CLI11 would read options in what follows "--" where a command has
/// the arguments that it needs, and take "[a, b]" apart: such arguments get a NUL in front, which no argument
/// of a program can contain, and "--" is left out.
std::vector<std::string> shielded_arguments(int argc, const char* const* argv);

/// Has the options and arguments of all commands drop that NUL again.
void unshield_arguments(CLI::App& app);

/// `text`, such as a message with arguments in it, without those NULs.
std::string unshielded(std::string text);

}  // namespace hearth::cli
