#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace unclip::cli {

class Arguments;

/// The model's folder: `given`, else what the environment's UNCLIP_MODEL names, else the shipped
/// model beside the program, else in share/unclip of the place it is installed to.
/// Throws Error where there is none, which names the places.
std::filesystem::path find_model(const std::string& given);

/// The same for a program that lies in `program_folder`.
std::filesystem::path find_shipped_model(const std::filesystem::path& program_folder);

/// What --part asks for: part -> folder. Throws UsageError for another form than NAME=DIR.
std::map<std::string, std::filesystem::path> borrowed_parts(const Arguments& arguments);

}  // namespace unclip::cli
